/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

ASSERTION(272, 2, "a timer outlives its port: it runs on without events and can be deleted") {
  int port = new_port(), other = new_port();
  timer_t armed = NEW_TIMER(port, COOKIE(1)), fired = NEW_TIMER(port, COOKIE(2));
  timer_t idle = NEW_TIMER(port, COOKIE(3)), stays = NEW_TIMER(other, COOKIE(4));
  struct itimerspec left;
  ARM(fired, 1, 0);
  AWAIT_QUEUED(port, 1);
  ARM(armed, 10, 10);
  CLOSE(port);
  int again = new_port(); /* has the number, and nothing else */
  CHECK_INT(again, port);

  ARM(stays, 40, 0); /* by then the other has expired */
  CHECK_NEXT_TIMER(other, stays, 1, COOKIE(4));
  CHECK_ZERO(timer_gettime(armed, &left));
  CHECK(left.it_interval.tv_nsec == 10000000 && left.it_value.tv_nsec > 0);
  ARM(idle, 1, 0);
  CHECK_SILENT(again);
  DELETE_TIMER(armed);
  DELETE_TIMER(fired);
  DELETE_TIMER(idle);
  DELETE_TIMER(stays);
  CHECK_EMPTY(again);
  CLOSE(again, other);
}
