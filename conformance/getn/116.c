/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(116, 1,
          "port_getn that times out with too few events fails with ETIME and delivers them") {
  int port = new_port();
  port_event_t list[10];
  uint_t count = 5;
  for (int i = 0; i < 2; i++) SEND(port, i, COOKIE(i));
  double start = now_ms();
  CHECK_FAILS(port_getn(port, list, 10, &count, MS(50)), ETIME);
  CHECK(now_ms() - start >= 50);
  CHECK_INT(count, 2);
  for (int i = 0; i < 2; i++) CHECK_USER_EVENT(list[i], i, COOKIE(i));
  CHECK_EMPTY(port);
  CLOSE(port);
}
