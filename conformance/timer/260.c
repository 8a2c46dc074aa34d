/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

ASSERTION(260, 1, "portev_events is 1 for a single expiration") {
  int port = new_port();
  timer_t timer = NEW_TIMER(port, COOKIE(1));
  for (int i = 0; i < 3; i++) {
    ARM(timer, 1, 0);
    CHECK_NEXT_TIMER(port, timer, 1, COOKIE(1));
  }
  ARM(timer, 1, 1000000); /* periodic, but it has expired only once */
  CHECK_NEXT_TIMER(port, timer, 1, COOKIE(1));
  CHECK_EMPTY(port);
  DELETE_TIMER(timer);
  CLOSE(port);
}
