/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(164, 1, "in alert mode every port_get returns the alert at once") {
  int port = new_port();
  port_event_t event;
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 164, COOKIE(164)));
  for (int i = 0; i < 5; i++) {
    CHECK_NEXT_ALERT(port, 164, COOKIE(164));
    CHECK_OK(port_get(port, &event, NULL));
    CHECK_INT(event.portev_source, PORT_SOURCE_ALERT);
    CHECK_OK(port_get(port, &event, AT_ONCE));
    CHECK_INT(event.portev_source, PORT_SOURCE_ALERT);
  }
  CLOSE(port);
}
