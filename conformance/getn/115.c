/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(115, 1, "port_getn with a zero timeout on an empty port succeeds with no event") {
  int port = new_port();
  port_event_t list[10];
  uint_t count = 1;
  paint(list, sizeof list);
  CHECK_OK(port_getn(port, list, 10, &count, AT_ONCE));
  CHECK_INT(count, 0);
  CHECK(is_painted(list, sizeof list));
  CLOSE(port);
}
