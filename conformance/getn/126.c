/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(126, 2, "port_getn that wants no events does not block, though it has no timeout") {
  int port = new_port();
  port_event_t list[5];
  uint_t count = 0;
  CHECK_OK(port_getn(port, list, 5, &count, NULL));
  CHECK_INT(count, 0);
  CLOSE(port);
}
