/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static void set_alerts(struct peer *parent, void *arg) {
  int port = *(int *)arg;
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 1, COOKIE(1)));
  peer_tell(parent, 'a');
  peer_await(parent, 'b'); /* the parent has ended it */
  CHECK_EMPTY(port);
  peer_tell(parent, 'b');
  peer_await(parent, 'c'); /* the parent blocks */
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 2, COOKIE(2)));
  peer_await(parent, 'd');
  CHECK_OK(port_alert(port, PORT_ALERT_UPDATE, 3, COOKIE(3)));
  CHECK_OK(port_alert(port, 0, 0, NULL));
  peer_tell(parent, 'd');
  peer_await(parent, 'e'); /* the parent has set one */
  CHECK_NEXT_ALERT(port, 4, COOKIE(4));
  CHECK_OK(port_alert(port, 0, 0, NULL));
}

ASSERTION(179, 1, "an alert set by one process is seen, and may be ended, by another") {
  int port = new_port();
  struct peer child;
  struct waiter waiter;
  child_start(&child, set_alerts, &port);
  peer_await(&child, 'a');
  CHECK_NEXT_ALERT(port, 1, COOKIE(1));
  CHECK_FAILS(port_alert(port, PORT_ALERT_UPDATE, 9, COOKIE(9)), EBUSY);
  CHECK_OK(port_alert(port, 0, 0, NULL));
  CHECK_EMPTY(port);
  peer_step(&child, 'b');

  waiter_getn(&waiter, port, 4, 4, NULL);
  peer_tell(&child, 'c');
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_INT(waiter.nget, 1);
  CHECK_INT(waiter.list[0].portev_source, PORT_SOURCE_ALERT);
  CHECK_INT(waiter.list[0].portev_events, 2);
  CHECK_PTR(waiter.list[0].portev_user, COOKIE(2));
  CHECK_OK(port_alert(port, 0, 0, NULL));
  peer_step(&child, 'd');
  CHECK_EMPTY(port);

  CHECK_OK(port_alert(port, PORT_ALERT_SET, 4, COOKIE(4)));
  peer_tell(&child, 'e');
  child_join(&child);
  CHECK_EMPTY(port);
  CLOSE(port);
}
