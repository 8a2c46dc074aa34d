/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(111, 1,
          "port_getn retrieves all that is available, up to max, not only what it waits for") {
  int port = new_port();
  port_event_t list[10];
  uint_t count = 1;
  for (int i = 0; i < 3; i++) SEND(port, i, COOKIE(i));
  CHECK_OK(port_getn(port, list, 10, &count, AT_ONCE));
  CHECK_INT(count, 3);
  for (int i = 0; i < 3; i++) CHECK_USER_EVENT(list[i], i, COOKIE(i));
  CHECK_EMPTY(port);
  CLOSE(port);
}
