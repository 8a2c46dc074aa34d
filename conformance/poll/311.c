/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(311, 1, "a port associated with another gives an event there when it has one") {
  int outer = new_port(), inner = new_port();
  struct ends pipe = new_pipe();
  struct waiter waiter;
  ASSOCIATE(outer, inner, POLLIN, COOKIE(311));
  CHECK_EMPTY(outer);
  SEND(inner, 1, COOKIE(1));
  CHECK_NEXT_FD(outer, inner, POLLIN, COOKIE(311));
  CHECK_EMPTY(outer);
  CHECK_NEXT_USER(inner, 1, COOKIE(1));
  CHECK_EMPTY(inner);

  ASSOCIATE(outer, inner, POLLIN, COOKIE(312));
  CHECK_EMPTY(outer);
  waiter_get(&waiter, outer, NULL); /* and for who blocks, also through a descriptor */
  ASSOCIATE(inner, pipe.r, POLLIN, COOKIE(2));
  CHECK_STILL_BLOCKED(&waiter);
  put(pipe.w);
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_FD_EVENT(waiter.list[0], inner, POLLIN, COOKIE(312));
  CHECK_NEXT_FD(inner, pipe.r, POLLIN, COOKIE(2));

  ASSOCIATE(outer, inner, POLLIN, COOKIE(313));
  waiter_get(&waiter, outer, NULL);
  SEND(inner, 3, COOKIE(3));
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_FD_EVENT(waiter.list[0], inner, POLLIN, COOKIE(313));
  CHECK_NEXT_USER(inner, 3, COOKIE(3));
  CLOSE(outer, inner, pipe.r, pipe.w);
}
