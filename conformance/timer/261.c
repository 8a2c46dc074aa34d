/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

enum { kPeriod = 10 };

/* Retrieves the one event there is. Its count: what can have expired, and no more. */
static int expirations(int port, timer_t timer) {
  port_event_t event = NEXT(port);
  check_event(&event, PORT_SOURCE_TIMER, (uintptr_t)timer, event.portev_events, COOKIE(261), HERE);
  CHECK(event.portev_events >= 1);
  return event.portev_events;
}

ASSERTION(261, 1,
          "expirations that nobody retrieved are counted in one event; then it starts anew") {
  int port = new_port();
  timer_t timer = NEW_TIMER(port, COOKIE(261));
  double before = now_ms();
  ARM(timer, kPeriod, kPeriod);
  double after = now_ms();

  pass_until(after + 10 * kPeriod + 1);
  int count = expirations(port, timer);
  CHECK(count >= 5);
  CHECK(count <= (now_ms() - before) / kPeriod);

  pass_until(now_ms() + 5 * kPeriod);
  double second = now_ms();
  int total = count + expirations(port, timer);
  CHECK(total > count + 1);
  CHECK(total <= (now_ms() - before) / kPeriod);
  CHECK(total >= (int)((second - after) / kPeriod) - 1); /* none is lost either */

  total += expirations(port, timer); /* waits for the next one */
  CHECK(total <= (now_ms() - before) / kPeriod);
  DELETE_TIMER(timer);
  CHECK_SILENT(port);
  CLOSE(port);
}
