/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(120, 1, "port_getn without nget fails with EINVAL") {
  int port = new_port();
  port_event_t list[1];
  SEND(port, 120, COOKIE(120));
  CHECK_FAILS(port_getn(port, list, 1, NULL, AT_ONCE), EINVAL);
  CHECK_FAILS(port_getn(port, NULL, 0, NULL, AT_ONCE), EINVAL);
  CHECK_QUEUED(port, 1);
  CLOSE(port);
}
