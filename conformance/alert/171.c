/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(171, 1, "both flags together are refused with EINVAL and change nothing") {
  int port = new_port();
  CHECK_FAILS(port_alert(port, PORT_ALERT_SET | PORT_ALERT_UPDATE, 1, COOKIE(1)), EINVAL);
  CHECK_FAILS(port_alert(port, PORT_ALERT_INVALID, 1, COOKIE(1)), EINVAL);
  CHECK_EMPTY(port);
  SEND(port, 171, COOKIE(171));
  CHECK_NEXT_USER(port, 171, COOKIE(171));

  CHECK_OK(port_alert(port, PORT_ALERT_SET, 2, COOKIE(2)));
  CHECK_FAILS(port_alert(port, PORT_ALERT_INVALID, 3, COOKIE(3)), EINVAL);
  CHECK_NEXT_ALERT(port, 2, COOKIE(2));
  CLOSE(port);
}
