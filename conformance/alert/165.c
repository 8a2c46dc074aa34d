/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static void check_one_alert(int port, uint_t wanted, const struct timespec *timeout) {
  port_event_t list[10];
  uint_t count = wanted;
  paint(list, sizeof list);
  CHECK_OK(port_getn(port, list, 10, &count, timeout));
  CHECK_INT(count, 1);
  CHECK_INT(list[0].portev_source, PORT_SOURCE_ALERT);
  CHECK_INT(list[0].portev_events, 165);
  CHECK_PTR(list[0].portev_user, COOKIE(165));
  CHECK(is_painted(&list[1], 9 * sizeof list[0]));
}

ASSERTION(165, 1, "in alert mode port_getn returns the alert alone, however many are wanted") {
  int port = new_port();
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 165, COOKIE(165)));
  check_one_alert(port, 5, NULL);
  check_one_alert(port, 5, AT_ONCE);
  check_one_alert(port, 1, LONG_WAIT);
  for (int i = 0; i < 6; i++) SEND(port, i, COOKIE(i));
  check_one_alert(port, 5, NULL);
  check_one_alert(port, 1, NULL);
  CHECK_QUEUED(port, 6);
  CLOSE(port);
}
