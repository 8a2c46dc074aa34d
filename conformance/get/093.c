/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(93, 1, "port_get on an empty port refuses negative and excessive timeouts with EINVAL") {
  int port = new_port();
  port_event_t event;
  paint(&event, sizeof event);
  CHECK_FAILS(port_get(port, &event, TIMEOUT(-1, 0)), EINVAL);
  CHECK_FAILS(port_get(port, &event, TIMEOUT(0, -1)), EINVAL);
  CHECK_FAILS(port_get(port, &event, TIMEOUT(0, 1000000001)), EINVAL);
  CHECK_FAILS(port_get(port, &event, TIMEOUT(1, -1)), EINVAL);
  CHECK(is_painted(&event, sizeof event));
  CLOSE(port);
}
