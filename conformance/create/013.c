/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(13, 2, "O_NONBLOCK on the port does not make port_get return early") {
  int port = new_port();
  struct waiter waiter;
  SETUP(fcntl(port, F_SETFL, O_NONBLOCK));
  waiter_get(&waiter, port, NULL);
  SEND(port, 13, COOKIE(13));
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_USER_EVENT(waiter.list[0], 13, COOKIE(13));
  CLOSE(port);
}
