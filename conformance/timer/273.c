/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

static void check_clock(int port, clockid_t clock, int user) {
  timer_t timer;
  struct itimerspec when = {.it_value = {0, 0}};
  CHECK_ZERO(try_timer(clock, port, COOKIE(user), &timer));
  SETUP(clock_gettime(clock, &when.it_value));
  when.it_value.tv_sec -= when.it_value.tv_sec > 1; /* never zero, which would disarm it */
  double start = now_ms();
  CHECK_ZERO(timer_settime(timer, TIMER_ABSTIME, &when, NULL));
  CHECK_NEXT_TIMER(port, timer, 1, COOKIE(user));
  CHECK(now_ms() - start < 500);
  CHECK_SILENT(port);

  SETUP(clock_gettime(clock, &when.it_value)); /* one in the future has to wait for it */
  start = now_ms();
  when.it_value.tv_nsec += 20000000;
  when.it_value.tv_sec += when.it_value.tv_nsec / 1000000000;
  when.it_value.tv_nsec %= 1000000000;
  CHECK_ZERO(timer_settime(timer, TIMER_ABSTIME, &when, NULL));
  CHECK_NEXT_TIMER(port, timer, 1, COOKIE(user));
  CHECK(now_ms() - start >= 19); /* the clocks were read one after the other */
  DELETE_TIMER(timer);
}

ASSERTION(273, 2, "an absolute time in the past expires the timer at once") {
  int port = new_port();
  check_clock(port, CLOCK_MONOTONIC, 1);
  check_clock(port, CLOCK_REALTIME, 2);
  CHECK_EMPTY(port);
  CLOSE(port);
}
