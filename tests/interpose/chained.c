/* SPDX-License-Identifier: MIT */
/* Ports beside counter.so, whichever of the two preload objects comes first. */
#include <dlfcn.h>

#include "tests/interpose/support.h"

static int *closes, *polls;

static void find_counter(void) {
  closes = dlsym(RTLD_DEFAULT, "counter_closes");
  polls = dlsym(RTLD_DEFAULT, "counter_polls");
  CHECK(closes != NULL && polls != NULL);
}

/* Both see a poll of a port, and the port is polled exactly. */
static void poll_port(void) {
  find_counter();
  const int port = port_create();
  CHECK(port >= 0);
  const int before = *polls;
  struct pollfd item = {port, POLLIN, 0};
  CHECK(poll(&item, 1, 0) == 0);
  CHECK(port_send(port, 1, NULL) == 0);
  CHECK(poll(&item, 1, 0) == 1 && item.revents == POLLIN);
  CHECK(*polls == before + 2);
  CHECK(close(port) == 0);
  check_nothing_of_ports();
}

/* Both see the close of an associated descriptor, which ends the association. */
static void close_associated(void) {
  find_counter();
  port_event_t event;
  int ends[2], again[2];
  const struct timespec zero = {0, 0};
  const int port = port_create();
  CHECK(port >= 0 && pipe(ends) == 0);
  CHECK(port_associate(port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, NULL) == 0);
  const int copy = dup(ends[0]), before = *closes;
  CHECK(close(ends[0]) == 0);
  CHECK(*closes == before + 1);
  write_byte(ends[1]);
  CHECK_FAILS(port_get(port, &event, &zero), ETIME);
  CHECK(pipe(again) == 0 && again[0] == ends[0]);
  CHECK_FAILS(port_dissociate(port, PORT_SOURCE_FD, (uintptr_t)again[0]), ENOENT);
  close(copy);
  close(ends[1]);
  close(again[0]);
  close(again[1]);
  check_works(port);
  close(port);
}

static void close_under_sleeper(void) {
  find_counter();
  struct sleeper sleeper;
  const int port = port_create();
  CHECK(port >= 0);
  sleeper_start(&sleeper, port);
  const int before = *closes;
  CHECK(close(port) == 0);
  sleeper_check_failed(&sleeper, EBADF);
  CHECK(*closes == before + 1);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {{"poll_port", poll_port},
                                           {"close_associated", close_associated},
                                           {"close_under_sleeper", close_under_sleeper},
                                           {NULL, NULL}};
  return run_case(cases, argc, argv);
}
