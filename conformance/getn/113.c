/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(113, 1, "port_getn does not wait when exactly as many events as wanted are queued") {
  int port = new_port();
  port_event_t list[10];
  uint_t count = 3;
  for (int i = 0; i < 3; i++) SEND(port, i, COOKIE(i));
  CHECK_OK(port_getn(port, list, 10, &count, NULL));
  CHECK_INT(count, 3);
  for (int i = 0; i < 3; i++) CHECK_USER_EVENT(list[i], i, COOKIE(i));
  CLOSE(port);
}
