/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

enum { kTimers = 3 };

ASSERTION(262, 1, "no timer ever has more than one event in the queue") {
  int port = new_port();
  timer_t timer[kTimers];
  port_event_t list[10];
  for (int i = 0; i < kTimers; i++) {
    timer[i] = NEW_TIMER(port, COOKIE(i));
    ARM(timer[i], 1 + i, 2);
  }
  AWAIT_QUEUED(port, kTimers);
  for (double end = now_ms() + 50; now_ms() < end;) {
    CHECK(queued(port) <= kTimers);
    poll(NULL, 0, 1);
  }
  uint_t count = kTimers + 1; /* more than there are: takes what is there */
  CHECK_OK(port_getn(port, list, 10, &count, AT_ONCE));
  CHECK_INT(count, kTimers);
  bool seen[kTimers] = {false};
  for (uint_t n = 0; n < count; n++) {
    int i = 0;
    while (i < kTimers - 1 && list[n].portev_object != (uintptr_t)timer[i]) i++;
    CHECK_PTR(list[n].portev_object, timer[i]);
    CHECK(list[n].portev_events >= 10);
    CHECK(!seen[i]);
    seen[i] = true;
  }
  for (int i = 0; i < kTimers; i++) DELETE_TIMER(timer[i]);
  CLOSE(port);
}
