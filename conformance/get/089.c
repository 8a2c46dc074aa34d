/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(89, 1,
          "port_get with a 50 ms timeout on an empty port fails with ETIME, not before 50 ms") {
  int port = new_port();
  port_event_t event;
  double start = now_ms();
  CHECK_FAILS(port_get(port, &event, MS(50)), ETIME);
  CHECK(now_ms() - start >= 50);
  CLOSE(port);
}
