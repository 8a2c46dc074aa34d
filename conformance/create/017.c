/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(17, 1, "once the last descriptor is closed, calls on its number fail with EBADF") {
  int port = new_port();
  port_event_t event;
  uint_t count = 1;
  SEND(port, 17, COOKIE(17));
  CLOSE(port);
  CHECK_FAILS(port_send(port, 17, COOKIE(17)), EBADF);
  CHECK_FAILS(port_get(port, &event, AT_ONCE), EBADF);
  CHECK_FAILS(port_getn(port, &event, 0, &count, NULL), EBADF);
}
