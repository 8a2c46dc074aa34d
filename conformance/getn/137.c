/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static void check_get_waiter_served(bool getn_first) {
  int port = new_port();
  struct waiter many, one;
  if (getn_first) waiter_getn(&many, port, 10, 5, NULL);
  waiter_get(&one, port, NULL);
  if (!getn_first) waiter_getn(&many, port, 10, 5, NULL);
  SEND(port, 1, COOKIE(1));
  waiter_join(&one);
  CHECK_INT(one.result, 0);
  CHECK_USER_EVENT(one.list[0], 1, COOKIE(1));
  CHECK_STILL_BLOCKED(&many);
  for (int i = 0; i < 5; i++) SEND(port, i, COOKIE(i));
  waiter_join(&many);
  CHECK_INT(many.result, 0);
  CHECK_INT(many.nget, 5);
  CHECK_EMPTY(port);
  CLOSE(port);
}

ASSERTION(137, 2, "one event goes to a thread that waits for one, not to one that waits for five") {
  check_get_waiter_served(true);
  check_get_waiter_served(false);
}
