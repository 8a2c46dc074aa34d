// SPDX-License-Identifier: MIT
//
// A port of a guest's in its child, and in a Linux program that it starts: inherited, and passed
// over a socket in both directions.
#include "check.h"

static struct timespec none, ten = {10, 0};
static char peer[1024];  // tests/illumos/linux/port_peer.c

// Beside the folder of the guests.
static void find_peer(void) {
  const char* self = getexecname();
  size_t end = strlen(self), slashes = 0;
  while (end > 0 && slashes < 2) slashes += self[--end] == '/';
  snprintf(peer, sizeof peer, "%.*s/linux/port_peer", (int)end, self);
}

static pid_t start(const char* what, int descriptor) {
  char number[16];
  char* const words[] = {"port_peer", (char*)what, number, NULL};
  char* const environment[] = {NULL};
  snprintf(number, sizeof number, "%d", descriptor);
  const pid_t child = fork();
  if (child == 0) {
    execve(peer, words, environment);
    _exit(98);
  }
  return child;
}

static int ended_with(pid_t child) {
  int status = -1;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int gets_user(int port, int events) {
  port_event_t event;
  return port_get(port, &event, &ten) == 0 && event.portev_source == PORT_SOURCE_USER &&
         event.portev_events == events;
}

enum { kMany = 1000 };

// Sends, associates, says so, and waits until the parent has looked.
static int child(int port, const int ends[2], int tell, int wait) {
  char byte = 0;
  for (int i = 0; i < kMany; ++i)
    if (port_send(port, i, NULL) != 0) return 1;
  if (port_associate(port, PORT_SOURCE_FD, ends[0], POLLIN, (void*)5) != 0) return 2;
  if (write(ends[1], "x", 1) != 1 || write(tell, "x", 1) != 1) return 3;
  if (read(wait, &byte, 1) != 1) return 4;
  return gets_user(port, 7) ? 0 : 5;
}

static void forked(int port) {
  int ends[2], told[2], go[2], got = 0;
  char byte = 0;
  port_event_t event;
  pipe(ends);
  pipe(told);
  pipe(go);
  const pid_t pid = fork();
  if (pid == 0) _exit(child(port, ends, told[1], go[0]));
  for (int i = 0; i < kMany; ++i) got += gets_user(port, i);
  CHECK("from-child", got == kMany);
  CHECK("child-associates", read(told[0], &byte, 1) == 1);
  CHECK("associated-by-child", port_get(port, &event, &ten) == 0 &&
                                   event.portev_source == PORT_SOURCE_FD &&
                                   event.portev_object == (uintptr_t)ends[0] &&
                                   event.portev_user == (void*)5);
  CHECK("to-child", port_send(port, 7, NULL) == 0 && write(go[1], "x", 1) == 1 &&
                        ended_with(pid) == 0);
  CHECK("nothing-left", port_get(port, &event, &none) == -1 && errno == ETIME);
  for (int i = 0; i < 2; ++i) {
    close(ends[i]);
    close(told[i]);
    close(go[i]);
  }
}

static void inherited(int port) {
  CHECK("send-to-linux", port_send(port, 20, NULL) == 0);
  const pid_t linux_program = start("inherit", port);
  CHECK("linux-inherits", ended_with(linux_program) == 0);
  CHECK("from-linux", gets_user(port, 21));
}

struct control {
  struct cmsghdr header;
  int descriptor;
};

static struct msghdr message_of(struct iovec* vector, struct control* control) {
  const struct msghdr message = {NULL, 0, vector, 1, control, sizeof *control, 0};
  return message;
}

static void passed(int port) {
  int pair[2];
  char byte = 'x';
  struct control control = {{sizeof control, SOL_SOCKET, SCM_RIGHTS}, port};
  struct iovec vector = {&byte, 1};
  struct msghdr message = message_of(&vector, &control);
  CHECK("socketpair", __xnet_socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  CHECK("pass-to-linux", __xnet_sendmsg(pair[0], &message, 0) == 1);
  const pid_t receiver = start("receive", pair[1]);
  CHECK("linux-receives", ended_with(receiver) == 0);
  CHECK("from-receiver", gets_user(port, 31));

  const pid_t maker = start("pass", pair[1]);
  close(pair[1]);
  control.descriptor = -1;
  message = message_of(&vector, &control);
  CHECK("pass-from-linux", __xnet_recvmsg(pair[0], &message, 0) == 1 && control.descriptor >= 0);
  CHECK("made-by-linux", gets_user(control.descriptor, 41));
  CHECK("to-maker", port_send(control.descriptor, 42, NULL) == 0 &&
                        write(pair[0], "x", 1) == 1 && ended_with(maker) == 0);
  close(control.descriptor);
  close(pair[0]);
}

int main(void) {
  find_peer();
  const int port = port_create();
  forked(port);
  inherited(port);
  passed(port);
  CHECK("close", close(port) == 0);
  return check_status();
}
