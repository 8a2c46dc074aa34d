/* SPDX-License-Identifier: MIT */
/* Programs that close every descriptor they may have, as daemons do. */
#include "tests/interpose/support.h"

enum { kMostClosed = 4096 };

/* A port with an association and an event, and another one under two numbers. */
static void make_ports(void) {
  int ends[2];
  const int port = port_create(), other = port_create();
  CHECK(port >= 0 && other >= 0 && dup(other) >= 0 && pipe(ends) == 0);
  CHECK(port_associate(port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, NULL) == 0);
  check_sends(other);
  CHECK(port_send(port, 1, NULL) == 0);
}

static void check_after(void) {
  CHECK(strcmp(descriptors(), "0 1 2 ") == 0);
  const int port = port_create();
  CHECK(port == 3);
  check_works(port);
  CHECK(close(port) == 0);
  CHECK(strcmp(descriptors(), "0 1 2 ") == 0);
}

static void by_closefrom(void *unused) {
  (void)unused;
  make_ports();
  closefrom(3);
  check_after();
}

static void by_close_range(void *unused) {
  (void)unused;
  make_ports();
  CHECK(close_range(3, ~0U, 0) == 0);
  check_after();
}

/* Nobody shares the table: it is a close like any other. */
static void by_unsharing(void *unused) {
  (void)unused;
  make_ports();
  CHECK(close_range(3, ~0U, CLOSE_RANGE_UNSHARE) == 0);
  check_after();
}

/* A thread that closes everything in a table of its own takes nothing from the others. */
static void *unshare_and_close(void *unused) {
  (void)unused;
  CHECK(close_range(3, ~0U, CLOSE_RANGE_UNSHARE) == 0);
  return NULL;
}

static void in_thread(void *unused) {
  (void)unused;
  struct sleeper sleeper;
  pthread_t thread;
  const int port = port_create();
  CHECK(port >= 0);
  sleeper_start(&sleeper, port);
  CHECK(pthread_create(&thread, NULL, unshare_and_close, NULL) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  sleeper_check_asleep(&sleeper);
  CHECK(port_send(port, 5, NULL) == 0);
  sleeper_check_got(&sleeper, 5);
  check_works(port);
}

static void by_loop(void *unused) {
  (void)unused;
  make_ports();
  long most = sysconf(_SC_OPEN_MAX);
  if (most > kMostClosed) most = kMostClosed;
  for (int fd = 3; fd < most; ++fd) (void)close(fd);
  check_after();
}

/* From the top: the hidden numbers come before the port's own. */
static void by_loop_down(void *unused) {
  (void)unused;
  make_ports();
  for (int fd = kMostClosed; fd >= 3; --fd) (void)close(fd);
  check_after();
}

/* Marked, not closed: everything works until the exec. */
static void by_mark(void *unused) {
  (void)unused;
  const int port = port_create();
  CHECK(port >= 0);
  CHECK(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0);
  check_works(port);
  const int next = port_create();
  CHECK(next >= 0);
  check_works(next);
  CHECK(close(port) == 0 && close(next) == 0);
  CHECK(strcmp(descriptors(), "0 1 2 ") == 0);
}

/* A range that takes in the hidden numbers only leaves the port alone. */
static void above_the_port(void *unused) {
  (void)unused;
  const int port = port_create();
  CHECK(port == 3);
  check_works(port);
  closefrom(4);
  check_works(port);
  CHECK(close_range(4, ~0U, 0) == 0);
  check_works(port);
  CHECK(close(port) == 0);
  CHECK(strcmp(descriptors(), "0 1 2 ") == 0);
}

static void under_sleeper(void *unused) {
  (void)unused;
  struct sleeper sleeper;
  const int port = port_create();
  CHECK(port >= 0);
  sleeper_start(&sleeper, port);
  closefrom(3);
  sleeper_check_failed(&sleeper, EBADF);
  check_after();
}

/* An empty or a reversed range is libc's to judge. */
static void odd_ranges(void *unused) {
  (void)unused;
  const int port = port_create();
  CHECK(port >= 0);
  CHECK_FAILS(close_range(9, 8, 0), EINVAL);
  CHECK_FAILS(close_range(3, ~0U, 1 << 20), EINVAL);
  check_works(port);
  CHECK(close_range(2000, 3000, 0) == 0);
  check_works(port);
  CHECK(close_range((unsigned)port, (unsigned)port, 0) == 0);
  CHECK_FAILS(port_send(port, 1, NULL), EBADF);
  CHECK(strcmp(descriptors(), "0 1 2 ") == 0);
}

#define IN_CHILD(name, body) \
  static void name(void) { check_child(start_child(body, NULL)); }
IN_CHILD(closefrom_three, by_closefrom)
IN_CHILD(range_close, by_close_range)
IN_CHILD(range_mark, by_mark)
IN_CHILD(range_unshare, by_unsharing)
IN_CHILD(range_unshare_thread, in_thread)
IN_CHILD(loop, by_loop)
IN_CHILD(loop_down, by_loop_down)
IN_CHILD(above_port, above_the_port)
IN_CHILD(with_sleeper, under_sleeper)
IN_CHILD(ranges, odd_ranges)

int main(int argc, char **argv) {
  static const struct test_case cases[] = {{"closefrom_three", closefrom_three},
                                           {"range_close", range_close},
                                           {"range_mark", range_mark},
                                           {"range_unshare", range_unshare},
                                           {"range_unshare_thread", range_unshare_thread},
                                           {"loop", loop},
                                           {"loop_down", loop_down},
                                           {"above_port", above_port},
                                           {"with_sleeper", with_sleeper},
                                           {"ranges", ranges},
                                           {NULL, NULL}};
  return run_case(cases, argc, argv);
}
