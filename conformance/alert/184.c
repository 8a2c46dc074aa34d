/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

enum { kRounds = 10, kBreakers = 2 };

static int port;

static void breaks_in(void *arg) {
  (void)arg;
  errno = 0;
  if (port_alert(port, PORT_ALERT_UPDATE, POLLHUP, COOKIE(184)) != 0) CHECK_INT(errno, EBUSY);
}

/* A poller as in Go's runtime: several threads break into its wait, it ends the alert. */
ASSERTION(184, 2, "port_alert breaks into a blocked port_getn, again and again") {
  static struct waiter waiter;
  struct task breakers[kBreakers];
  port = new_port();
  for (int round = 0; round < kRounds; round++) {
    waiter_getn(&waiter, port, WAITER_MAX, 1, NULL);
    for (int i = 0; i < kBreakers; i++) task_start(&breakers[i], breaks_in, NULL);
    waiter_join(&waiter);
    for (int i = 0; i < kBreakers; i++) task_join(&breakers[i]);
    CHECK_INT(waiter.result, 0);
    CHECK_INT(waiter.nget, 1);
    CHECK_INT(waiter.list[0].portev_source, PORT_SOURCE_ALERT);
    CHECK_INT(waiter.list[0].portev_events, POLLHUP);
    CHECK_PTR(waiter.list[0].portev_user, COOKIE(184));
    CHECK_FAILS(port_alert(port, PORT_ALERT_UPDATE, POLLHUP, COOKIE(184)), EBUSY);
    CHECK_OK(port_alert(port, 0, 0, NULL));
    CHECK_EMPTY(port);
  }
  CLOSE(port);
}
