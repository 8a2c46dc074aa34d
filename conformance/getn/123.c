/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(123, 2, "port_getn with max 0 does not mind what nget holds, nor write the list") {
  int port = new_port();
  port_event_t list[1];
  uint_t count = 100;
  SEND(port, 123, COOKIE(123));
  paint(list, sizeof list);
  CHECK_OK(port_getn(port, list, 0, &count, NULL));
  CHECK_INT(count, 1);
  CHECK(is_painted(list, sizeof list));
  CHECK_QUEUED(port, 1);
  CLOSE(port);
}
