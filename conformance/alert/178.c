/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

enum { kRounds = 30, kWaiters = 3 };

static struct waiter waiters[kWaiters];

/* Starts the waiters; with `wanted` 0 in port_get. */
static void start_all(int port, uint_t wanted) {
  for (int i = 0; i < kWaiters; i++) {
    if (wanted == 0)
      waiter_get(&waiters[i], port, NULL);
    else
      waiter_getn(&waiters[i], port, WAITER_MAX, wanted, NULL);
  }
}

static void join_all(int events) {
  for (int i = 0; i < kWaiters; i++) {
    waiter_join(&waiters[i]);
    CHECK_INT(waiters[i].result, 0);
    CHECK_INT(waiters[i].list[0].portev_source, PORT_SOURCE_ALERT);
    CHECK_INT(waiters[i].list[0].portev_events, events);
    CHECK_PTR(waiters[i].list[0].portev_user, COOKIE(events));
  }
}

ASSERTION(178, 2, "who was blocked when an alert was set gets it, though it ended at once") {
  int port = new_port();
  for (int round = 1; round <= kRounds; round++) {
    start_all(port, round % 3 == 0 ? 2 : 0);
    CHECK_OK(port_alert(port, PORT_ALERT_SET, round, COOKIE(round)));
    CHECK_OK(port_alert(port, 0, 0, NULL));
    join_all(round);
    CHECK_EMPTY(port);
  }

  /* Its own copy: what is set next does not reach it. */
  start_all(port, 0);
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 1, COOKIE(1)));
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 2, COOKIE(2)));
  join_all(1);
  CHECK_NEXT_ALERT(port, 2, COOKIE(2));
  CHECK_OK(port_alert(port, 0, 0, NULL));

  /* An event sent in between is for others. */
  start_all(port, 0);
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 3, COOKIE(3)));
  CHECK_OK(port_alert(port, 0, 0, NULL));
  SEND(port, 178, COOKIE(178));
  join_all(3);
  CHECK_NEXT_USER(port, 178, COOKIE(178));
  CHECK_EMPTY(port);
  CLOSE(port);
}
