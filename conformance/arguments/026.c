/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(26, 1, "port_alert on a descriptor that is not open fails with EBADF") {
  CHECK_FAILS(port_alert(closed_fd(), PORT_ALERT_SET, 1, COOKIE(26)), EBADF);
  CHECK_FAILS(port_alert(-1, PORT_ALERT_SET, 0, NULL), EBADF);
}
