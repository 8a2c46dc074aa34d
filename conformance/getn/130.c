/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(130, 2, "port_getn does not read the timeout when enough events are queued") {
  int port = new_port();
  port_event_t list[1];
  uint_t count = 1;
  SEND(port, 130, COOKIE(130));
  CHECK_OK(port_getn(port, list, 1, &count, no_access_page()));
  CHECK_INT(count, 1);
  CHECK_USER_EVENT(list[0], 130, COOKIE(130));
  CLOSE(port);
}
