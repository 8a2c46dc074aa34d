/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

enum { kNoClock = 9999, kNoNotification = 7777 };

ASSERTION(268, 1, "timer_create with an undefined clock or notification fails with EINVAL") {
  int port = new_port();
  timer_t timer;
  port_notify_t target;
  struct sigevent event = port_sigevent(&target, port, COOKIE(1));
  CHECK_FAILS(timer_create(kNoClock, &event, &timer), EINVAL);
  target.portnfy_port = closed_fd(); /* the clock is looked at first */
  CHECK_FAILS(timer_create(kNoClock, &event, &timer), EINVAL);
  event = port_sigevent(&target, port, COOKIE(1));
  event.sigev_notify = kNoNotification;
  CHECK_FAILS(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL);

  static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};
  for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
    CHECK_ZERO(try_timer(clocks[i], port, COOKIE(i), &timer));
    ARM(timer, 1, 0);
    CHECK_NEXT_TIMER(port, timer, 1, COOKIE(i));
    DELETE_TIMER(timer);
  }
  CLOSE(port);
}
