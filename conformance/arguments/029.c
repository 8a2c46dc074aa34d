/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(29, 1, "port_alert on a socket fails with EBADFD") {
  struct ends sockets = new_socketpair();
  CHECK_FAILS(port_alert(sockets.r, PORT_ALERT_SET, 1, COOKIE(29)), EBADFD);
  CHECK_FAILS(port_alert(sockets.r, PORT_ALERT_SET, 0, NULL), EBADFD);
  CLOSE(sockets.r, sockets.w);
}
