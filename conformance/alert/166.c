/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

enum { kWaiters = 6 };

static void check_alerted(const struct waiter *waiter) {
  CHECK_INT(waiter->result, 0);
  CHECK_INT(waiter->error, CANARY);
  CHECK_INT(waiter->list[0].portev_source, PORT_SOURCE_ALERT);
  CHECK_INT(waiter->list[0].portev_events, 166);
  CHECK_PTR(waiter->list[0].portev_user, COOKIE(166));
  if (!waiter->one) CHECK_INT(waiter->nget, 1);
  CHECK(is_painted(&waiter->list[1], sizeof waiter->list - sizeof waiter->list[0]));
}

ASSERTION(166, 1, "all threads that block in port_get or port_getn wake with the alert") {
  static struct waiter waiters[kWaiters];
  int port = new_port();
  int copy = SETUP(dup(port));
  waiter_getn(&waiters[0], port, 10, 5, NULL);
  waiter_getn(&waiters[1], port, 3, 3, MS(8000));
  SEND(port, 1, COOKIE(1)); /* too few for those */
  SEND(port, 2, COOKIE(2));
  waiter_getn(&waiters[2], copy, 10, 4, NULL);
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 166, COOKIE(166)));
  for (int i = 0; i < 3; i++) {
    waiter_join(&waiters[i]);
    check_alerted(&waiters[i]);
  }
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 0, NULL));
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_NEXT_USER(port, 2, COOKIE(2));

  for (int i = 0; i < kWaiters; i++) {
    if (i % 2 == 0)
      waiter_get(&waiters[i], i % 4 == 0 ? port : copy, i < 3 ? NULL : MS(8000));
    else
      waiter_getn(&waiters[i], port, 2, 1, NULL);
  }
  CHECK_OK(port_alert(port, PORT_ALERT_UPDATE, 166, COOKIE(166)));
  for (int i = 0; i < kWaiters; i++) {
    waiter_join(&waiters[i]);
    check_alerted(&waiters[i]);
  }
  CLOSE(port, copy);
}
