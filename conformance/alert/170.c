/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(170, 1, "PORT_ALERT_SET during an alert replaces its events and user") {
  int port = new_port();
  for (int i = 1; i <= 20; i++) {
    CHECK_OK(port_alert(port, PORT_ALERT_SET, i, COOKIE(i)));
    CHECK_NEXT_ALERT(port, i, COOKIE(i));
    CHECK_NEXT_ALERT(port, i, COOKIE(i));
  }
  for (int i = 1; i <= 20; i++) CHECK_OK(port_alert(port, PORT_ALERT_SET, i, COOKIE(i)));
  CHECK_NEXT_ALERT(port, 20, COOKIE(20));
  CHECK_OK(port_alert(port, 0, 0, NULL)); /* one end is enough for all of them */
  CHECK_EMPTY(port);
  CLOSE(port);
}
