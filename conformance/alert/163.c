/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(163, 2, "the object of an alert event is 0") {
  int port = new_port();
  struct waiter waiter;
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 1, COOKIE(163)));
  CHECK_INT(NEXT(port).portev_object, 0);
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 0, NULL));

  waiter_getn(&waiter, port, 4, 2, NULL);
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 2, COOKIE(163)));
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_INT(waiter.list[0].portev_source, PORT_SOURCE_ALERT);
  CHECK_INT(waiter.list[0].portev_object, 0);
  CLOSE(port);
}
