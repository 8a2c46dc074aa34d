/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(175, 3, "both flags with zero events end the alert, or are refused") {
  int port = new_port();
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 1, COOKIE(1)));
  errno = 0;
  if (port_alert(port, PORT_ALERT_INVALID, 0, NULL) == 0) {
    CHECK_EMPTY(port);
    outcome("success");
  } else {
    CHECK_INT(errno, EINVAL);
    CHECK_NEXT_ALERT(port, 1, COOKIE(1));
    outcome("EINVAL");
  }
  CLOSE(port);
}
