/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(125, 1, "port_getn that wants no events succeeds at once and consumes nothing") {
  int port = new_port();
  port_event_t list[5];
  uint_t count = 0;
  for (int i = 0; i < 2; i++) SEND(port, i, COOKIE(i));
  paint(list, sizeof list);
  CHECK_OK(port_getn(port, list, 5, &count, MS(1000)));
  CHECK_INT(count, 0);
  CHECK(is_painted(list, sizeof list));
  CHECK_QUEUED(port, 2);
  CLOSE(port);
}
