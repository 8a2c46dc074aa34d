// SPDX-License-Identifier: MIT
//
// Event ports with every source, and shared with a child.
#include "check.h"

static struct timespec none, second = {1, 0}, ten = {10, 0};

static int is(const port_event_t* event, int source, int events, uintptr_t object, long user) {
  return event->portev_source == source && event->portev_events == events &&
         event->portev_object == object && event->portev_user == (void*)user;
}

static void users(int port) {
  port_event_t event, many[4];
  unsigned count = 1;
  CHECK("send", port_send(port, 7, (void*)1) == 0);
  CHECK("get", port_get(port, &event, &ten) == 0 &&
                   is(&event, PORT_SOURCE_USER, 7, (uintptr_t)event.portev_object, 1));
  CHECK("get-none", port_get(port, &event, &none) == -1 && errno == ETIME);
  CHECK("getn-none", port_getn(port, many, 4, &count, &none) == 0 && count == 0);
  port_send(port, 1, NULL);
  port_send(port, 2, NULL);
  count = 2;
  CHECK("getn", port_getn(port, many, 4, &count, &ten) == 0 && count == 2 &&
                    many[0].portev_events == 1 && many[1].portev_events == 2);
  CHECK("alert", port_alert(port, PORT_ALERT_SET, 9, (void*)3) == 0 &&
                     port_get(port, &event, NULL) == 0 &&
                     event.portev_source == PORT_SOURCE_ALERT && event.portev_events == 9);
  CHECK("alert-off", port_alert(port, PORT_ALERT_SET, 0, NULL) == 0 &&
                         port_get(port, &event, &none) == -1 && errno == ETIME);
}

static void descriptors(int port) {
  port_event_t event;
  int ends[2];
  CHECK("pipe", pipe(ends) == 0);
  CHECK("associate", port_associate(port, PORT_SOURCE_FD, ends[0], POLLIN, (void*)4) == 0);
  CHECK("not-ready", port_get(port, &event, &none) == -1 && errno == ETIME);
  CHECK("ready", write(ends[1], "x", 1) == 1 && port_get(port, &event, &ten) == 0 &&
                     is(&event, PORT_SOURCE_FD, POLLIN, ends[0], 4));
  CHECK("once", port_get(port, &event, &none) == -1 && errno == ETIME);
  CHECK("dissociate-none", port_dissociate(port, PORT_SOURCE_FD, ends[0]) == -1 && errno == 2);
  close(ends[0]);
  close(ends[1]);
}

static void timers(int port) {
  port_notify_t notify = {port, (void*)5};
  struct sigevent how;
  struct itimerspec when = {{0, 0}, {0, 1000000}};
  port_event_t event;
  timer_t timer = -1;
  memset(&how, 0, sizeof how);
  how.sigev_notify = SIGEV_PORT;
  how.sigev_value.sival_ptr = &notify;
  CHECK("timer-create", timer_create(CLOCK_REALTIME, &how, &timer) == 0);
  CHECK("timer-settime", timer_settime(timer, 0, &when, NULL) == 0);
  CHECK("timer-event", port_get(port, &event, &ten) == 0 &&
                           event.portev_source == PORT_SOURCE_TIMER && event.portev_events == 1 &&
                           event.portev_object == (uintptr_t)timer &&
                           event.portev_user == (void*)5);
  CHECK("timer-delete", timer_delete(timer) == 0);
}

static void requests(int port, const char* path) {
  port_notify_t notify = {port, (void*)6};
  static struct aiocb request;
  char text[8] = "";
  port_event_t event;
  const int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  write(file, "data", 4);
  memset(&request, 0, sizeof request);
  request.aio_fildes = file;
  request.aio_buf = text;
  request.aio_nbytes = 4;
  request.aio_sigevent.sigev_notify = SIGEV_PORT;
  request.aio_sigevent.sigev_value.sival_ptr = &notify;
  CHECK("aio-read", aio_read(&request) == 0);
  CHECK("aio-event", port_get(port, &event, &ten) == 0 &&
                         event.portev_source == PORT_SOURCE_AIO &&
                         event.portev_object == (uintptr_t)&request &&
                         event.portev_user == (void*)6);
  CHECK("aio-return", aio_error(&request) == 0 && aio_return(&request) == 4 &&
                          strcmp(text, "data") == 0);
  close(file);
}

static void files(int port, char* path) {
  struct file_obj object;
  struct stat status;
  port_event_t event;
  memset(&object, 0, sizeof object);
  stat(path, &status);
  object.fo_atime = status.st_atim;
  object.fo_mtime = status.st_mtim;
  object.fo_ctime = status.st_ctim;
  object.fo_name = path;
  CHECK("file-associate", port_associate(port, PORT_SOURCE_FILE, (uintptr_t)&object,
                                         FILE_MODIFIED, (void*)8) == 0);
  const int file = open(path, O_WRONLY | O_APPEND);
  write(file, "x", 1);
  close(file);
  CHECK("file-event", port_get(port, &event, &ten) == 0 &&
                          is(&event, PORT_SOURCE_FILE, FILE_MODIFIED, (uintptr_t)&object, 8));
}

static void shared(int port) {
  port_event_t event;
  int status = -1;
  const pid_t child = fork();
  if (child == 0) _exit(port_send(port, 11, (void*)9) == 0 ? 0 : 1);
  CHECK("fork", child > 0);
  CHECK("from-child", port_get(port, &event, &ten) == 0 && event.portev_events == 11 &&
                          event.portev_user == (void*)9);
  CHECK("child", waitpid(child, &status, 0) == child && WIFEXITED(status) &&
                     WEXITSTATUS(status) == 0);
}

int main(void) {
  char path[] = "/tmp/guest.XXXXXX/file";
  port_event_t event;
  path[17] = '\0';
  mkdtemp(path);
  path[17] = '/';
  const int port = port_create();
  CHECK("create", port >= 0);
  users(port);
  descriptors(port);
  timers(port);
  requests(port, path);
  files(port, path);
  shared(port);
  CHECK("timeout", port_get(port, &event, &(struct timespec){0, 1000000}) == -1 && errno == ETIME);
  CHECK("close", close(port) == 0 && port_send(port, 1, NULL) == -1 && errno == EBADF);
  unlink(path);
  path[17] = '\0';
  rmdir(path);
  (void)second;
  return check_status();
}
