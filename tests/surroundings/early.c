/* SPDX-License-Identifier: MIT */
/*
 * A library that is busy before main, and after it: in a constructor that runs before those of
 * our wrappers (nothing here depends on them), and in a destructor that runs after them. It uses
 * ports if there are any.
 */
#include <dlfcn.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

#include "tests/interpose/support.h"

#pragma weak port_create
#pragma weak port_send
#pragma weak port_get
#pragma weak port_associate

extern int early_port;
int early_port = -1;
static int early_ends[2];

static void *thread_body(void *argument) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  return argument;
}

static void use_threads(void) {
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, thread_body, NULL) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
}

static void use_processes(void) {
  pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) _exit(close(-1) == -1 ? 0 : 1);
  check_child(pid);
  pid = vfork();
  CHECK(pid >= 0);
  if (pid == 0) _exit(0);
  check_child(pid);
}

static void on_signal(int number) { (void)number; }

static void use_signals(void) {
  struct sigaction action = {.sa_handler = on_signal}, before;
  CHECK(sigaction(SIGUSR1, &action, &before) == 0);
  CHECK(raise(SIGUSR1) == 0);
  CHECK(sigaction(SIGUSR1, &before, NULL) == 0);
}

static void use_descriptors(void) {
  struct timeval no_time = {0, 0};
  struct epoll_event event = {.events = EPOLLIN};
  struct sigevent none = {.sigev_notify = SIGEV_NONE};
  timer_t timer;
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(poll(NULL, 0, 0) == 0);
  CHECK(select(0, NULL, NULL, NULL, &no_time) == 0);
  const int set = epoll_create1(0);
  CHECK(set >= 0 && epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event) == 0);
  CHECK(dup2(ends[0], set) == set);
  CHECK(fcntl(set, F_SETFD, FD_CLOEXEC) == 0);
  CHECK(timer_create(CLOCK_MONOTONIC, &none, &timer) == 0);
  CHECK(timer_delete(timer) == 0);
  CHECK(close(set) == 0 && close(ends[0]) == 0 && close(ends[1]) == 0);
}

static void use_loader(void) {
  void *library = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
  CHECK(library != NULL && dlsym(library, "cos") != NULL);
  CHECK(dlclose(library) == 0);
}

static void use_port(int port, int value) {
  static const struct timespec kLong = {10, 0};
  port_event_t event;
  CHECK(port_send(port, value, NULL) == 0);
  CHECK(port_get(port, &event, &kLong) == 0 && event.portev_events == value);
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) _exit(port_send(port, value + 1, NULL) == 0 ? 0 : 1);
  check_child(pid);
  CHECK(port_get(port, &event, &kLong) == 0 && event.portev_events == value + 1);
}

static void use_everything(void) {
  use_descriptors();
  use_signals();
  use_loader();
  use_threads();
  use_processes();
}

__attribute__((constructor)) static void constructor(void) {
  use_everything();
  if (!port_create) return;
  early_port = port_create();
  CHECK(early_port >= 0);
  use_port(early_port, 1);
  CHECK(pipe(early_ends) == 0);
  CHECK(port_associate(early_port, PORT_SOURCE_FD, (uintptr_t)early_ends[0], POLLIN, NULL) == 0);
}

/* The process has given up what it owned in shared ports; the port is still there. */
__attribute__((destructor)) static void destructor(void) {
  use_everything();
  if (early_port >= 0) {
    use_port(early_port, 20);
    CHECK(close(early_ends[0]) == 0 && close(early_ends[1]) == 0);
    CHECK(close(early_port) == 0);
  }
  const int late = port_create ? port_create() : -1;
  if (late >= 0) use_port(late, 30);
  CHECK(write(STDOUT_FILENO, "LATE\n", 5) == 5);
}
