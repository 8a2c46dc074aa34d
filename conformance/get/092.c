/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(92, 1, "port_get with a zero timeout retrieves an event that is queued") {
  int port = new_port();
  port_event_t event;
  SEND(port, 92, COOKIE(92));
  CHECK_OK(port_get(port, &event, AT_ONCE));
  CHECK_USER_EVENT(event, 92, COOKIE(92));
  CHECK_EMPTY(port);
  CLOSE(port);
}
