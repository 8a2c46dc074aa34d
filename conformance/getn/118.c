/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(118, 1, "port_getn blocks until as many events as wanted are there") {
  int port = new_port();
  struct waiter waiter;
  waiter_getn(&waiter, port, 10, 3, NULL);
  SEND(port, 1, COOKIE(1));
  CHECK_STILL_BLOCKED(&waiter);
  SEND(port, 2, COOKIE(2));
  CHECK_STILL_BLOCKED(&waiter);
  SEND(port, 3, COOKIE(3));
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_INT(waiter.nget, 3);
  for (int i = 0; i < 3; i++) CHECK_USER_EVENT(waiter.list[i], i + 1, COOKIE(i + 1));
  CHECK_EMPTY(port);
  CLOSE(port);
}
