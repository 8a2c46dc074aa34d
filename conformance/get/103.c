/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static void check_unchanged(const struct timespec *timeout, time_t seconds, long nanoseconds) {
  CHECK_INT(timeout->tv_sec, seconds);
  CHECK_INT(timeout->tv_nsec, nanoseconds);
}

ASSERTION(103, 2, "the timeout argument is never modified") {
  int port = new_port();
  port_event_t event;
  struct timespec timeout = {0, 7654321};
  CHECK_FAILS(port_get(port, &event, &timeout), ETIME);
  check_unchanged(&timeout, 0, 7654321);

  SEND(port, 1, COOKIE(1));
  CHECK_OK(port_get(port, &event, &timeout));
  check_unchanged(&timeout, 0, 7654321);

  struct waiter waiter;
  waiter_get(&waiter, port, TIMEOUT(5, 7654321));
  SEND(port, 2, COOKIE(2));
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  check_unchanged(&waiter.timeout, 5, 7654321);
  CLOSE(port);
}
