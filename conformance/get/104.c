/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(104, 2, "an event that comes in mid-wait ends port_get well before its timeout") {
  int port = new_port();
  struct ends pipe = new_pipe();
  struct waiter waiter;
  waiter_get(&waiter, port, MS(8000));
  SEND(port, 104, COOKIE(104));
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_USER_EVENT(waiter.list[0], 104, COOKIE(104));
  CHECK(waiter.elapsed < 4000);

  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  waiter_get(&waiter, port, MS(8000));
  put(pipe.w);
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_FD_EVENT(waiter.list[0], pipe.r, POLLIN, COOKIE(1));
  CHECK(waiter.elapsed < 4000);
  CLOSE(port, pipe.r, pipe.w);
}
