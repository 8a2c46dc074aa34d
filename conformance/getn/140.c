/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(140, 2, "six events in slices of four: 0 with four, then ETIME with two") {
  int port = new_port();
  port_event_t list[4];
  uint_t count = 3;
  for (int i = 0; i < 6; i++) SEND(port, i, COOKIE(i));
  CHECK_OK(port_getn(port, list, 4, &count, TIMEOUT(0, 1)));
  CHECK_INT(count, 4);
  for (int i = 0; i < 4; i++) CHECK_USER_EVENT(list[i], i, COOKIE(i));
  count = 3;
  CHECK_FAILS(port_getn(port, list, 4, &count, TIMEOUT(0, 1)), ETIME);
  CHECK_INT(count, 2);
  for (int i = 0; i < 2; i++) CHECK_USER_EVENT(list[i], i + 4, COOKIE(i + 4));
  CHECK_EMPTY(port);
  CLOSE(port);
}
