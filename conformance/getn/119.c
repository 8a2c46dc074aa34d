/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(119, 1, "port_getn that wants more than fits fails with EINVAL and consumes nothing") {
  int port = new_port();
  port_event_t list[3];
  uint_t count = 3;
  for (int i = 0; i < 3; i++) SEND(port, i, COOKIE(i));
  paint(list, sizeof list);
  CHECK_FAILS(port_getn(port, list, 2, &count, AT_ONCE), EINVAL);
  CHECK_INT(count, 3);
  CHECK(is_painted(list, sizeof list));
  CHECK_QUEUED(port, 3);
  CLOSE(port);
}
