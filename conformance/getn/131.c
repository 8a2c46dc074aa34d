/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(131, 1,
          "port_getn that would have to wait refuses an invalid timeout and consumes nothing") {
  int port = new_port();
  port_event_t list[5];
  uint_t count = 3;
  for (int i = 0; i < 2; i++) SEND(port, i, COOKIE(i));
  paint(list, sizeof list);
  CHECK_FAILS(port_getn(port, list, 5, &count, TIMEOUT(-1, 0)), EINVAL);
  CHECK_FAILS(port_getn(port, list, 5, &count, TIMEOUT(0, -1)), EINVAL);
  CHECK_FAILS(port_getn(port, list, 5, &count, TIMEOUT(0, 1000000001)), EINVAL);
  CHECK_INT(count, 3);
  CHECK(is_painted(list, sizeof list));
  CHECK_QUEUED(port, 2);
  CLOSE(port);
}
