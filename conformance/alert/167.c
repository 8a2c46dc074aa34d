/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(167, 1, "queued events stay behind an alert, and are retrieved in order after it") {
  int port = new_port();
  struct ends pipe = new_pipe();
  port_event_t list[8];
  uint_t count = 3;
  SEND(port, 1, COOKIE(1));
  put(pipe.w);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(2));
  SEND(port, 3, COOKIE(3));

  CHECK_OK(port_alert(port, PORT_ALERT_SET, 167, COOKIE(167)));
  for (int i = 0; i < 4; i++) CHECK_NEXT_ALERT(port, 167, COOKIE(167));
  CHECK_OK(port_getn(port, list, 8, &count, AT_ONCE));
  CHECK_INT(count, 1);
  CHECK_INT(list[0].portev_source, PORT_SOURCE_ALERT);

  CHECK_OK(port_alert(port, 0, 0, NULL));
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(2));
  CHECK_NEXT_USER(port, 3, COOKIE(3));
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
