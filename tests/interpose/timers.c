/* SPDX-License-Identifier: MIT */
/* Timers that go to a port, beside libc's own, under few descriptors, in children, at odd moments.
 */
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>

#include "tests/interpose/support.h"

enum { kMany = 10000 };

static const struct timespec kLong = {20, 0};
static const struct timespec kAtOnce = {0, 0};
static const struct itimerspec kNever;

static struct itimerspec milliseconds(long first, long interval) {
  const struct itimerspec when = {{interval / 1000, interval % 1000 * 1000000},
                                  {first / 1000, first % 1000 * 1000000}};
  return when;
}

static int new_port(void) {
  const int port = port_create();
  CHECK(port >= 0);
  return port;
}

static int make(clockid_t clock, int port, void *user, timer_t *timer) {
  port_notify_t notify;
  struct sigevent event;
  memset(&notify, 0, sizeof notify);
  memset(&event, 0, sizeof event);
  notify.portnfy_port = port;
  notify.portnfy_user = user;
  event.sigev_notify = SIGEV_PORT;
  event.sigev_value.sival_ptr = &notify;
  return timer_create(clock, &event, timer);
}

static timer_t new_timer(clockid_t clock, int port) {
  timer_t timer;
  CHECK(make(clock, port, &kMakeNoConstant, &timer) == 0);
  return timer;
}

static void set(timer_t timer, long first, long interval) {
  const struct itimerspec when = milliseconds(first, interval);
  CHECK(timer_settime(timer, 0, &when, NULL) == 0);
}

/* The next event is this timer's. What it counts. */
static int take(int port, timer_t timer) {
  port_event_t event;
  CHECK(port_get(port, &event, &kLong) == 0);
  CHECK(event.portev_source == PORT_SOURCE_TIMER);
  CHECK(event.portev_object == (uintptr_t)timer);
  CHECK(event.portev_events > 0);
  return event.portev_events;
}

static void check_empty(int port) {
  port_event_t event;
  CHECK_FAILS(port_get(port, &event, &kAtOnce), ETIME);
}

static int timerfds(void) { return count_links("self", "[timerfd]"); }

static struct timespec in_nanoseconds(clockid_t clock, long delta) {
  struct timespec at;
  CHECK(clock_gettime(clock, &at) == 0);
  at.tv_nsec += delta;
  at.tv_sec += at.tv_nsec / 1000000000;
  at.tv_nsec %= 1000000000;
  return at;
}

static void wait_until(struct timespec at) {
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) continue;
}

/* Every timer once, in the order of their times, on one descriptor. */
static void ten_thousand(void) {
  static timer_t timers[kMany];
  static port_event_t list[kMany];
  const struct rlimit limit = {64, 64};
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  const int port = new_port();
  for (int i = 0; i < kMany; ++i) timers[i] = new_timer(CLOCK_MONOTONIC, port);
  CHECK(timerfds() == 1);
  const struct timespec first = in_nanoseconds(CLOCK_MONOTONIC, 20000000);
  for (int i = 0; i < kMany; ++i) {
    struct itimerspec at = {{0, 0}, first};
    at.it_value.tv_nsec += (long)(i * 7919 % kMany) * 1000;
    at.it_value.tv_sec += at.it_value.tv_nsec / 1000000000;
    at.it_value.tv_nsec %= 1000000000;
    CHECK(timer_settime(timers[i], TIMER_ABSTIME, &at, NULL) == 0);
  }
  uint_t count = kMany;
  CHECK(port_getn(port, list, kMany, &count, &kLong) == 0);
  CHECK(count == kMany);
  int misplaced = 0, previous = -1;
  for (int i = 0; i < kMany; ++i) {
    CHECK(list[i].portev_source == PORT_SOURCE_TIMER && list[i].portev_events == 1);
    int which = 0;
    /* Its place in time is i, unless something expired while others were being armed. */
    while (which < kMany && which * 7919 % kMany != i) ++which;
    if (list[i].portev_object != (uintptr_t)timers[which]) ++misplaced;
    (void)previous;
  }
  CHECK(misplaced == 0);
  check_empty(port);
  for (int i = 0; i < kMany; ++i) CHECK(timer_delete(timers[i]) == 0);
  CHECK(close(port) == 0);
  CHECK(timerfds() == 0);
}
