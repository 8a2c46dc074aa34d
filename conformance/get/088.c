/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(88, 1, "port_get without a timeout blocks until another thread sends") {
  int port = new_port();
  struct waiter waiter;
  waiter_get(&waiter, port, NULL);
  SEND(port, 88, COOKIE(88));
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_INT(waiter.error, CANARY);
  CHECK_USER_EVENT(waiter.list[0], 88, COOKIE(88));
  CHECK_EMPTY(port);
  CLOSE(port);
}
