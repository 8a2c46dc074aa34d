/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(174, 1, "port_alert with zero events succeeds when there is no alert to end") {
  int port = new_port();
  SEND(port, 1, COOKIE(1));
  CHECK_OK(port_alert(port, 0, 0, NULL));
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 0, COOKIE(174)));
  CHECK_OK(port_alert(port, PORT_ALERT_UPDATE, 0, COOKIE(174)));
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_EMPTY(port);
  CLOSE(port);
}
