/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

ASSERTION(265, 2, "disarming or re-arming a timer leaves an event that is queued") {
  int port = new_port();
  timer_t timer = NEW_TIMER(port, COOKIE(1));
  ARM(timer, 1, 0);
  AWAIT_QUEUED(port, 1);
  DISARM(timer);
  CHECK_NEXT_TIMER(port, timer, 1, COOKIE(1));
  CHECK_SILENT(port);

  ARM(timer, 1, 0);
  AWAIT_QUEUED(port, 1);
  ARM(timer, 1000000, 0);
  CHECK_NEXT_TIMER(port, timer, 1, COOKIE(1));
  CHECK_SILENT(port);

  ARM(timer, 1, 0); /* both expirations are in the one event */
  AWAIT_QUEUED(port, 1);
  double start = now_ms();
  ARM(timer, 20, 0);
  pass_until(start + 40);
  CHECK_NEXT_TIMER(port, timer, 2, COOKIE(1));
  CHECK_SILENT(port);

  ARM(timer, 30, 0); /* and nothing comes of one that did not expire */
  DISARM(timer);
  CHECK_SILENT(port);
  DELETE_TIMER(timer);
  CLOSE(port);
}
