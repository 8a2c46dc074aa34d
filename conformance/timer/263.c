/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

ASSERTION(263, 2, "timer_getoverrun stays 0 for timers that notify a port") {
  int port = new_port();
  timer_t timer = NEW_TIMER(port, COOKIE(1));
  CHECK_INT(timer_getoverrun(timer), 0);
  ARM(timer, 2, 2);
  AWAIT_QUEUED(port, 1);
  pass_until(now_ms() + 20);
  CHECK_INT(timer_getoverrun(timer), 0);
  port_event_t event = CHECK_NEXT_FROM(port, PORT_SOURCE_TIMER, COOKIE(1));
  CHECK(event.portev_events > 1); /* there were some */
  CHECK_INT(timer_getoverrun(timer), 0);
  DELETE_TIMER(timer);
  CLOSE(port);
}
