/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(114, 1, "port_getn with a zero timeout succeeds with fewer events than wanted") {
  int port = new_port();
  port_event_t list[10];
  uint_t count = 5;
  for (int i = 0; i < 2; i++) SEND(port, i, COOKIE(i));
  CHECK_OK(port_getn(port, list, 10, &count, AT_ONCE));
  CHECK_INT(count, 2);
  for (int i = 0; i < 2; i++) CHECK_USER_EVENT(list[i], i, COOKIE(i));
  CHECK_EMPTY(port);
  CLOSE(port);
}
