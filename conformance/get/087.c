/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(87, 1, "port_get returns 0 and fills events, source, object and user") {
  int port = new_port();
  port_event_t event;
  SEND(port, 0x1234, COOKIE(87));
  paint(&event, sizeof event);
  CHECK_OK(port_get(port, &event, NULL));
  CHECK_INT(event.portev_events, 0x1234);
  CHECK_INT(event.portev_source, PORT_SOURCE_USER);
  CHECK_INT(event.portev_object, 0);
  CHECK_PTR(event.portev_user, COOKIE(87));
  CHECK_EMPTY(port);
  CLOSE(port);
}
