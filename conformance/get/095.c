/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(95, 2, "an invalid timeout goes unnoticed while an event is queued") {
  int port = new_port();
  port_event_t event;
  SEND(port, 1, COOKIE(1));
  SEND(port, 2, COOKIE(2));
  CHECK_OK(port_get(port, &event, TIMEOUT(-1, 0)));
  CHECK_USER_EVENT(event, 1, COOKIE(1));
  CHECK_OK(port_get(port, &event, TIMEOUT(0, 2000000000)));
  CHECK_USER_EVENT(event, 2, COOKIE(2));
  CLOSE(port);
}
