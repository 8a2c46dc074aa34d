/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(169, 1, "PORT_ALERT_UPDATE starts an alert, and fails with EBUSY during one") {
  int port = new_port();
  CHECK_OK(port_alert(port, PORT_ALERT_UPDATE, 1, COOKIE(1)));
  CHECK_NEXT_ALERT(port, 1, COOKIE(1));
  CHECK_FAILS(port_alert(port, PORT_ALERT_UPDATE, 2, COOKIE(2)), EBUSY);
  CHECK_NEXT_ALERT(port, 1, COOKIE(1));

  CHECK_OK(port_alert(port, PORT_ALERT_SET, 3, COOKIE(3)));
  CHECK_FAILS(port_alert(port, PORT_ALERT_UPDATE, 4, COOKIE(4)), EBUSY);
  CHECK_NEXT_ALERT(port, 3, COOKIE(3));

  CHECK_OK(port_alert(port, 0, 0, NULL));
  CHECK_OK(port_alert(port, PORT_ALERT_UPDATE, 5, COOKIE(5)));
  CHECK_NEXT_ALERT(port, 5, COOKIE(5));
  CLOSE(port);
}
