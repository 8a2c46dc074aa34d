/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

ASSERTION(258, 1, "a timer that expires once makes one event of source TIMER with the user value") {
  int port = new_port();
  timer_t timer = NEW_TIMER(port, COOKIE(258));
  CHECK_EMPTY(port);
  double start = now_ms();
  ARM(timer, 20, 0);
  CHECK_NEXT_FROM(port, PORT_SOURCE_TIMER, COOKIE(258));
  CHECK(now_ms() - start >= 20);
  CHECK_SILENT(port);
  ARM(timer, 1, 0); /* it can be used again */
  CHECK_NEXT_FROM(port, PORT_SOURCE_TIMER, COOKIE(258));
  CHECK_SILENT(port);
  DELETE_TIMER(timer);
  CLOSE(port);
}
