/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static void check_over(int port) {
  struct waiter waiter;
  CHECK_EMPTY(port);
  waiter_get(&waiter, port, NULL); /* blocks again */
  SEND(port, 173, COOKIE(173));
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_USER_EVENT(waiter.list[0], 173, COOKIE(173));
}

ASSERTION(173, 1, "port_alert with zero events ends the alert") {
  int port = new_port();
  static const int flags[] = {0, PORT_ALERT_SET, PORT_ALERT_UPDATE};
  for (int i = 0; i < 3; i++) {
    CHECK_OK(port_alert(port, PORT_ALERT_SET, 1, COOKIE(1)));
    CHECK_NEXT_ALERT(port, 1, COOKIE(1));
    CHECK_OK(port_alert(port, flags[i], 0, COOKIE(2)));
    check_over(port);
  }
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 3, COOKIE(3))); /* never seen by anyone */
  CHECK_OK(port_alert(port, 0, 0, NULL));
  check_over(port);
  CLOSE(port);
}
