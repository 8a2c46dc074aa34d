/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

int try_timer(clockid_t clock, int port, void *user, timer_t *timer) {
  port_notify_t target;
  struct sigevent event = port_sigevent(&target, port, user);
  return timer_create(clock, &event, timer);
}

timer_t new_timer(int port, void *user, const char *file, int line) {
  timer_t timer;
  check_zero(try_timer(CLOCK_MONOTONIC, port, user, &timer), "timer_create with SIGEV_PORT", file,
             line);
  return timer;
}

void arm_timer(timer_t timer, long first, long interval, const char *file, int line) {
  struct itimerspec when = {.it_interval = *MS(interval), .it_value = *MS(first)};
  check_zero(timer_settime(timer, 0, &when, NULL), "timer_settime", file, line);
}
