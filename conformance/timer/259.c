/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

ASSERTION(259, 1, "portev_object is the timer's id") {
  int port = new_port();
  timer_t slow = NEW_TIMER(port, COOKIE(1)), fast = NEW_TIMER(port, COOKIE(2));
  CHECK(slow != fast);
  ARM(slow, 80, 0);
  ARM(fast, 1, 0);
  port_event_t event = CHECK_NEXT_FROM(port, PORT_SOURCE_TIMER, COOKIE(2));
  CHECK_PTR(event.portev_object, fast);
  event = CHECK_NEXT_FROM(port, PORT_SOURCE_TIMER, COOKIE(1));
  CHECK_PTR(event.portev_object, slow);
  DELETE_TIMER(slow);
  DELETE_TIMER(fast);
  CLOSE(port);
}
