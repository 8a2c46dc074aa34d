/* SPDX-License-Identifier: MIT */
/*
 * A program that has ports, for surroundings in which there may be no /proc, few descriptors, or
 * somebody else's preload objects.
 *
 *   works [STEP...]    the steps named, or all of them; prints EXIT-SUCCESS last
 */
#include <aio.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/prctl.h>
#include <time.h>

#include "tests/interpose/support.h"

enum { kSeconds = 20, kNumbers = 8192, kMillisecond = 1000000, kPathStack = 24 << 10 };

static const struct timespec kLong = {10, 0};
static const char *self;

/* Past libc, and past who may stand before it. Milliseconds. */
static long now(void) {
  struct timespec time;
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / kMillisecond;
}

static void take(int port, int source, int events) {
  port_event_t event;
  CHECK(port_get(port, &event, &kLong) == 0);
  CHECK(event.portev_source == source && event.portev_events == events);
}

static int count_numbers(void) {
  int count = 0;
  for (int fd = 0; fd < kNumbers; ++fd) count += syscall(SYS_fcntl, fd, F_GETFD) >= 0;
  return count;
}

/* --- steps --- */

static void user(int port) {
  CHECK(port_send(port, 5, NULL) == 0);
  take(port, PORT_SOURCE_USER, 5);
}

static void descriptor(int port) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(port_associate(port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, NULL) == 0);
  write_byte(ends[1]);
  take(port, PORT_SOURCE_FD, POLLIN);
  close(ends[0]);
  close(ends[1]);
}

static void polled(int port) {
  struct pollfd item = {port, POLLIN, 0};
  CHECK(poll(&item, 1, 0) == 0);
  CHECK(port_send(port, 6, NULL) == 0);
  CHECK(poll(&item, 1, 10000) == 1);
  take(port, PORT_SOURCE_USER, 6);
}

struct wait {
  pthread_t thread;
  int port;
  int result;
  int error;
  long took;
};

static void *wait_body(void *argument) {
  struct wait *wait = argument;
  port_event_t event;
  const struct timespec timeout = {0, 40 * kMillisecond};
  const long start = now();
  wait->result = port_get(wait->port, &event, &timeout);
  wait->error = errno;
  wait->took = now() - start;
  return NULL;
}

/* Several threads, since only the first to wait does so in poll. Not early; and at all. */
static void timeout(int port) {
  struct wait waits[3];
  for (int i = 0; i < 3; ++i) {
    waits[i].port = port;
    CHECK(pthread_create(&waits[i].thread, NULL, wait_body, &waits[i]) == 0);
  }
  for (int i = 0; i < 3; ++i) {
    CHECK(pthread_join(waits[i].thread, NULL) == 0);
    CHECK(waits[i].result == -1 && waits[i].error == ETIME);
    CHECK(waits[i].took >= 39 && waits[i].took < kSeconds * 1000);
  }
}

static void *send_body(void *argument) {
  CHECK(port_send(*(int *)argument, 7, NULL) == 0);
  return NULL;
}

static void thread(int port) {
  pthread_t sender;
  CHECK(pthread_create(&sender, NULL, send_body, &port) == 0);
  take(port, PORT_SOURCE_USER, 7);
  CHECK(pthread_join(sender, NULL) == 0);
}

static void timer_by(int port, clockid_t clock) {
  timer_t id;
  port_notify_t notify = {port, NULL};
  struct sigevent event = {.sigev_notify = SIGEV_PORT, .sigev_value.sival_ptr = &notify};
  const struct itimerspec soon = {{0, 0}, {0, 20 * kMillisecond}};
  const long start = now();
  CHECK(timer_create(clock, &event, &id) == 0);
  CHECK(timer_settime(id, 0, &soon, NULL) == 0);
  take(port, PORT_SOURCE_TIMER, 1);
  CHECK(now() - start >= 19);
  CHECK(timer_delete(id) == 0);
}

static void timer(int port) {
  timer_by(port, CLOCK_MONOTONIC);
  timer_by(port, CLOCK_REALTIME);
}

static void shared(int port) {
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    alarm(kSeconds);
    CHECK(port_send(port, 8, NULL) == 0);
    _exit(0);
  }
  take(port, PORT_SOURCE_USER, 8);
  check_child(pid);
}

/* The program once more, which finds the port under its number and an event in it. */
static void executed(int port) {
  char number[16];
  snprintf(number, sizeof number, "%d", port);
  CHECK(port_send(port, 9, NULL) == 0);
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    execl(self, self, "inherit", number, (char *)NULL);
    _exit(2);
  }
  check_child(pid);
  take(port, PORT_SOURCE_USER, 10);
}

static void inherit(int port) {
  take(port, PORT_SOURCE_USER, 9);
  user(port);
  CHECK(port_send(port, 10, NULL) == 0);
}

static void passed(int port) {
  union {
    char room[CMSG_SPACE(sizeof(int))];
    struct cmsghdr alignment;
  } control;
  char byte = 'x';
  struct iovec iov = {&byte, 1};
  struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room};
  int pair[2], received;
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  message.msg_controllen = sizeof control.room;
  memset(&control, 0, sizeof control);
  struct cmsghdr *c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(c), &port, sizeof port);
  CHECK(sendmsg(pair[0], &message, 0) == 1);
  CHECK(recvmsg(pair[1], &message, 0) == 1);
  memcpy(&received, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof received);
  CHECK(port_send(received, 11, NULL) == 0);
  take(port, PORT_SOURCE_USER, 11);
  CHECK(close(received) == 0);
  close(pair[0]);
  close(pair[1]);
}

static void asynchronous(int port) {
  static char data[100];
  port_notify_t notify = {port, NULL};
  int ends[2];
  CHECK(pipe(ends) == 0);
  struct aiocb request = {.aio_fildes = ends[0], .aio_buf = data, .aio_nbytes = sizeof data};
  request.aio_sigevent.sigev_notify = SIGEV_PORT;
  request.aio_sigevent.sigev_value.sival_ptr = &notify;
  CHECK(aio_read(&request) == 0);
  write_byte(ends[1]);
  port_event_t event;
  CHECK(port_get(port, &event, &kLong) == 0 && event.portev_source == PORT_SOURCE_AIO);
  CHECK(aio_error(&request) == 0 && aio_return(&request) == 1);
  close(ends[0]);
  close(ends[1]);
}

static void file(int port) {
  struct stat st;
  CHECK(stat("/", &st) == 0);
  struct file_obj object = {
      .fo_atime = st.st_atim, .fo_mtime = st.st_mtim, .fo_ctime = st.st_ctim, .fo_name = "/"};
  const uintptr_t address = (uintptr_t)&object;
  CHECK(port_associate(port, PORT_SOURCE_FILE, address, FILE_ATTRIB, NULL) == 0);
  CHECK(port_dissociate(port, PORT_SOURCE_FILE, address) == 0);
}

static void *small_body(void *argument) {
  const int port = *(int *)argument;
  user(port);
  descriptor(port);
  polled(port);
  timer(port);
  passed(port);
  asynchronous(port);
  return NULL;
}

static void *file_body(void *argument) {
  file(*(int *)argument);
  return NULL;
}

static void run_on_stack(size_t size, void *(*body)(void *), int port) {
  pthread_attr_t attributes;
  pthread_t thread;
  CHECK(pthread_attr_init(&attributes) == 0);
  CHECK(pthread_attr_setstacksize(&attributes, size) == 0);
  CHECK(pthread_create(&thread, &attributes, body, &port) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(pthread_attr_destroy(&attributes) == 0);
}

/* The smallest stack that a thread can have; with paths it takes more. */
static void small_stack(int port) {
  const size_t least = (size_t)sysconf(_SC_THREAD_STACK_MIN);
  run_on_stack(least, small_body, port);
  run_on_stack(least + kPathStack, file_body, port);
}

static int signalled_port;

static void on_signal(int number) { (void)port_send(signalled_port, number, NULL); }

/* A handler on a stack of the usual small size. */
static void signal_stack(int port) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK}, before;
  stack_t stack = {.ss_size = (size_t)sysconf(_SC_SIGSTKSZ)};
  const stack_t none = {.ss_flags = SS_DISABLE};
  stack.ss_sp = malloc(stack.ss_size);
  CHECK(stack.ss_sp != NULL && sigaltstack(&stack, NULL) == 0);
  signalled_port = port;
  CHECK(sigaction(SIGUSR1, &action, &before) == 0);
  CHECK(raise(SIGUSR1) == 0);
  take(port, PORT_SOURCE_USER, SIGUSR1);
  CHECK(sigaction(SIGUSR1, &before, NULL) == 0 && sigaltstack(&none, NULL) == 0);
  free(stack.ss_sp);
}

static const struct step {
  const char *name;
  void (*run)(int port);
} kSteps[] = {{"user", user},
              {"descriptor", descriptor},
              {"polled", polled},
              {"timeout", timeout},
              {"thread", thread},
              {"timer", timer},
              {"shared", shared},
              {"executed", executed},
              {"passed", passed},
              {"aio", asynchronous},
              {"file", file},
              {"small_stack", small_stack},
              {"signal_stack", signal_stack},
              {NULL, NULL}};

static void run_step(const char *name, int port) {
  const struct step *step = kSteps;
  while (step->name && strcmp(step->name, name) != 0) ++step;
  CHECK(step->name != NULL);
  step->run(port);
}

int main(int argc, char **argv) {
  alarm(kSeconds);
  self = argv[0];
  if (argc == 3 && strcmp(argv[1], "inherit") == 0) {
    inherit(atoi(argv[2]));
    return 0;
  }
  const int before = count_numbers();
  const int port = port_create();
  CHECK(port >= 0);
  for (int i = 1; i < argc; ++i) run_step(argv[i], port);
  for (const struct step *step = kSteps; argc == 1 && step->name; ++step) step->run(port);
  CHECK(close(port) == 0);
  CHECK(count_numbers() == before);
  puts("EXIT-SUCCESS");
  return 0;
}
