/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(162, 1, "in alert mode port_get gives source ALERT, with events and user as set") {
  int port = new_port();
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 7, COOKIE(162)));
  port_event_t event = NEXT(port);
  CHECK_INT(event.portev_source, PORT_SOURCE_ALERT);
  CHECK_INT(event.portev_events, 7);
  CHECK_PTR(event.portev_user, COOKIE(162));

  CHECK_OK(port_alert(port, PORT_ALERT_SET, INT_MIN, NULL));
  event = NEXT(port);
  CHECK_INT(event.portev_source, PORT_SOURCE_ALERT);
  CHECK_INT(event.portev_events, INT_MIN);
  CHECK_PTR(event.portev_user, NULL);
  CLOSE(port);
}
