/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(107, 2, "closing the port ends a port_get with a timeout before that has passed") {
  int port = new_port();
  struct waiter waiter;
  waiter_get(&waiter, port, MS(8000));
  CLOSE(port);
  waiter_join(&waiter);
  CHECK_WAITER_FAILED(&waiter, EBADF);
  CHECK(waiter.elapsed < 4000);
}
