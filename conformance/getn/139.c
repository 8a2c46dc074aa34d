/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(139, 1, "closing the port under a blocked port_getn makes it fail with EBADF") {
  int port = new_port();
  struct waiter waiter;
  SEND(port, 1, COOKIE(1));
  waiter_getn(&waiter, port, 10, 5, NULL);
  CLOSE(port);
  waiter_join(&waiter);
  CHECK_WAITER_FAILED(&waiter, EBADF);
  CHECK_INT(waiter.nget, 5);
  CHECK(is_painted(waiter.list, sizeof waiter.list));
}
