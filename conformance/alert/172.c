/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(172, 2, "no flag at all acts like PORT_ALERT_SET") {
  int port = new_port();
  CHECK_OK(port_alert(port, 0, 1, COOKIE(1)));
  CHECK_NEXT_ALERT(port, 1, COOKIE(1));
  CHECK_OK(port_alert(port, 0, 2, COOKIE(2)));
  CHECK_NEXT_ALERT(port, 2, COOKIE(2));
  CHECK_FAILS(port_alert(port, PORT_ALERT_UPDATE, 3, COOKIE(3)), EBUSY);
  CLOSE(port);
}
