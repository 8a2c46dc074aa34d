/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(91, 2,
          "port_get with a zero timeout on an empty port returns at once and writes nothing") {
  int port = new_port();
  port_event_t event;
  paint(&event, sizeof event);
  errno = 0;
  int result = port_get(port, &event, AT_ONCE);
  CHECK(is_painted(&event, sizeof event));
  if (result == 0) {
    outcome("success");
  } else {
    CHECK_INT(result, -1);
    CHECK_INT(errno, ETIME);
    outcome("ETIME");
  }
  CLOSE(port);
}
