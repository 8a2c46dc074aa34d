/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(90, 1, "port_get that fails with ETIME leaves the event structure untouched") {
  int port = new_port();
  port_event_t event;
  paint(&event, sizeof event);
  CHECK_FAILS(port_get(port, &event, MS(5)), ETIME);
  CHECK(is_painted(&event, sizeof event));
  CLOSE(port);
}
