/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(109, 2, "a very long timeout blocks") {
  int port = new_port();
  struct waiter waiter;
  waiter_get(&waiter, port, TIMEOUT(1000000000, 999999999));
  SEND(port, 109, COOKIE(109));
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_USER_EVENT(waiter.list[0], 109, COOKIE(109));
  CLOSE(port);
}
