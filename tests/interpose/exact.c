/* SPDX-License-Identifier: MIT */
/*
 * Programs whose calls do not come by the wrappers: the library was opened with dlopen, linked
 * statically, or is behind another library and libc. Ports are then exactly pollable from birth.
 * Cases run in children: a close that the library does not see leaves hidden descriptors.
 */
#include <sys/epoll.h>

#include "tests/interpose/support.h"

int exact_main(int argc, char **argv);

static int raw_poll(int fd) {
  struct pollfd item = {fd, POLLIN, 0};
  const struct timespec zero = {0, 0};
  const int count = (int)syscall(SYS_ppoll, &item, 1, &zero, NULL, 8);
  CHECK(count == 0 || item.revents == POLLIN);
  return count;
}

static void polled_body(void *unused) {
  (void)unused;
  const int port = port_create();
  CHECK(port >= 0);
  CHECK(raw_poll(port) == 0);
  CHECK(port_send(port, 1, (void *)1) == 0);
  CHECK(port_send(port, 2, (void *)2) == 0);
  CHECK(raw_poll(port) == 1);
  check_takes(port, 1);
  CHECK(raw_poll(port) == 1);
  check_takes(port, 2);
  CHECK(raw_poll(port) == 0);
  struct pollfd item = {port, POLLIN, 0};
  CHECK(port_send(port, 3, (void *)3) == 0);
  CHECK(poll(&item, 1, 0) == 1 && item.revents == POLLIN);
}

static void nested_body(void *unused) {
  (void)unused;
  struct epoll_event event = {.events = EPOLLIN};
  const int port = port_create(), set = epoll_create1(0);
  CHECK(port >= 0 && set >= 0);
  CHECK(syscall(SYS_epoll_ctl, set, EPOLL_CTL_ADD, port, &event) == 0);
  CHECK(epoll_wait(set, &event, 1, 0) == 0);
  CHECK(port_send(port, 1, (void *)1) == 0);
  CHECK(epoll_wait(set, &event, 1, 0) == 1);
  check_takes(port, 1);
  CHECK(epoll_wait(set, &event, 1, 0) == 0);
}

static void works_body(void *unused) {
  (void)unused;
  const int port = port_create();
  CHECK(port >= 0);
  check_works(port);
  const int copy = dup(port);
  CHECK(port_send(copy, 1, (void *)1) == 0);
  check_takes(port, 1);
  check_works(copy);
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    check_works(port);
    check_works(copy);
    _exit(0);
  }
  check_child(pid);
  check_works(port);
}

/* A new port at the number of one that was closed unseen. */
static void again_body(void *unused) {
  (void)unused;
  for (int i = 0; i < 20; ++i) {
    const int port = port_create();
    CHECK(port == 3);
    check_works(port);
    close(port);
  }
}

#define IN_CHILD(name) \
  static void name(void) { check_child(start_child(name##_body, NULL)); }
IN_CHILD(polled)
IN_CHILD(nested)
IN_CHILD(works)
IN_CHILD(again)

int exact_main(int argc, char **argv) {
  static const struct test_case cases[] = {
      {"polled", polled}, {"nested", nested}, {"works", works}, {"again", again}, {NULL, NULL}};
  return run_case(cases, argc, argv);
}
