/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(117, 1, "port_getn that times out without any event fails with ETIME and nget 0") {
  int port = new_port();
  port_event_t list[10];
  uint_t count = 1;
  paint(list, sizeof list);
  double start = now_ms();
  CHECK_FAILS(port_getn(port, list, 10, &count, MS(50)), ETIME);
  CHECK(now_ms() - start >= 50);
  CHECK_INT(count, 0);
  CHECK(is_painted(list, sizeof list));
  CLOSE(port);
}
