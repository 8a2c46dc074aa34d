/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static void check_unnoticed(int port, const struct timespec *timeout) {
  port_event_t list[4];
  uint_t count = 3;
  CHECK_OK(port_get(port, list, timeout));
  CHECK_INT(list[0].portev_source, PORT_SOURCE_ALERT);
  CHECK_OK(port_getn(port, list, 4, &count, timeout));
  CHECK_INT(count, 1);
  CHECK_INT(list[0].portev_source, PORT_SOURCE_ALERT);
}

ASSERTION(183, 2, "an invalid timeout goes unnoticed during an alert") {
  int port = new_port();
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 183, COOKIE(183)));
  check_unnoticed(port, TIMEOUT(-1, 0));
  check_unnoticed(port, TIMEOUT(0, -1));
  check_unnoticed(port, TIMEOUT(0, 2000000000));
  CLOSE(port);
}
