/* SPDX-License-Identifier: MIT */
#include "conformance/privates.h"

ASSERTION(410, 2, "alert mode holds private events back, in order and without losing any") {
  struct privates privates;
  int port = new_port();
  privates_start(&privates, port);
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 9, COOKIE(9)));
  privates_fire(&privates);
  CHECK_NEXT_ALERT(port, 9, COOKIE(9));
  CHECK_NEXT_ALERT(port, 9, COOKIE(9));
  CHECK_QUEUED(port, kPrivates);
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 0, NULL));
  check_privates(&privates);
  CHECK_EMPTY(port);
  privates_end(&privates);
  CLOSE(port);
}
