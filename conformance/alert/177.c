/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(177, 2, "in alert mode port_getn for no event gives none, not even the alert") {
  int port = new_port();
  port_event_t list[5];
  uint_t count = 0;
  paint(list, sizeof list);
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 177, COOKIE(177)));
  CHECK_OK(port_getn(port, list, 5, &count, NULL));
  CHECK_INT(count, 0);
  SEND(port, 1, COOKIE(1));
  CHECK_OK(port_getn(port, list, 5, &count, AT_ONCE));
  CHECK_INT(count, 0);
  CHECK(is_painted(list, sizeof list));
  CHECK_NEXT_ALERT(port, 177, COOKIE(177));
  CLOSE(port);
}
