/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(106, 1, "closing the port under a blocked port_get makes it fail with EBADF") {
  int port = new_port();
  struct waiter waiter;
  waiter_get(&waiter, port, NULL);
  CLOSE(port);
  waiter_join(&waiter);
  CHECK_WAITER_FAILED(&waiter, EBADF);
  CHECK(is_painted(waiter.list, sizeof waiter.list));
}
