/* SPDX-License-Identifier: MIT */
/* Timers that go to a port: what the programs about them share. */
#ifndef TESTS_INTERPOSE_TIMING_H
#define TESTS_INTERPOSE_TIMING_H

#include <time.h>

#include "tests/interpose/support.h"

static inline int new_port(void) {
  const int port = port_create();
  CHECK(port >= 0);
  return port;
}

static inline int try_timer(clockid_t clock, int port, long user, timer_t *timer) {
  port_notify_t notify;
  struct sigevent event;
  memset(&notify, 0, sizeof notify);
  memset(&event, 0, sizeof event);
  notify.portnfy_port = port;
  notify.portnfy_user = (void *)user;
  event.sigev_notify = SIGEV_PORT;
  event.sigev_value.sival_ptr = &notify;
  return timer_create(clock, &event, timer);
}

static inline timer_t new_timer(clockid_t clock, int port, long user) {
  timer_t timer;
  CHECK(try_timer(clock, port, user, &timer) == 0);
  return timer;
}

/* Milliseconds from now, and from one to the next. */
static inline void set(timer_t timer, long first, long interval) {
  struct itimerspec when;
  when.it_value.tv_sec = first / 1000;
  when.it_value.tv_nsec = first % 1000 * 1000000;
  when.it_interval.tv_sec = interval / 1000;
  when.it_interval.tv_nsec = interval % 1000 * 1000000;
  CHECK(timer_settime(timer, 0, &when, NULL) == 0);
}

static inline struct timespec from_now(clockid_t clock, long nanoseconds) {
  struct timespec at;
  CHECK(clock_gettime(clock, &at) == 0);
  at.tv_nsec += nanoseconds;
  at.tv_sec += at.tv_nsec / 1000000000;
  at.tv_nsec %= 1000000000;
  return at;
}

/* At a time of the timer's clock. */
static inline void set_at(timer_t timer, struct timespec at) {
  struct itimerspec when = {{0, 0}, {0, 0}};
  when.it_value = at;
  CHECK(timer_settime(timer, TIMER_ABSTIME, &when, NULL) == 0);
}

/* The time has passed, whoever else runs. */
static inline void wait_until(struct timespec at) {
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) continue;
}

/* The next event is this timer's. What it counts. */
static inline int take(int port, timer_t timer) {
  const struct timespec long_enough = {20, 0};
  port_event_t event;
  CHECK(port_get(port, &event, &long_enough) == 0);
  CHECK(event.portev_source == PORT_SOURCE_TIMER);
  CHECK(event.portev_object == (uintptr_t)timer);
  CHECK(event.portev_events > 0);
  return event.portev_events;
}

static inline void check_empty(int port) {
  const struct timespec at_once = {0, 0};
  port_event_t event;
  CHECK_FAILS(port_get(port, &event, &at_once), ETIME);
}

#endif
