/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(112, 1, "port_getn stops at max, and the next call goes on from there") {
  static const uint_t expected[] = {4, 4, 2};
  int port = new_port();
  port_event_t list[4];
  int next = 0;
  for (int i = 0; i < 10; i++) SEND(port, i, COOKIE(i));
  for (int call = 0; call < 3; call++) {
    uint_t count = 1;
    CHECK_OK(port_getn(port, list, 4, &count, NULL));
    CHECK_INT(count, expected[call]);
    for (uint_t i = 0; i < count; i++, next++) CHECK_USER_EVENT(list[i], next, COOKIE(next));
  }
  CHECK_EMPTY(port);
  CLOSE(port);
}
