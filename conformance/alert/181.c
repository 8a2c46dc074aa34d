/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static void see_alert(struct peer *parent, void *arg) {
  (void)parent;
  CHECK_NEXT_ALERT(*(int *)arg, 1, COOKIE(1));
}

static void set_alert(struct peer *parent, void *arg) {
  (void)parent;
  CHECK_OK(port_alert(*(int *)arg, PORT_ALERT_SET, 2, COOKIE(2)));
  peer_step(parent, 'a');
}

ASSERTION(181, 2, "an alert stays when a process that did not set it exits") {
  int port = new_port();
  struct peer child;
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 1, COOKIE(1)));
  child_start(&child, see_alert, &port);
  child_join(&child);
  CHECK_NEXT_ALERT(port, 1, COOKIE(1));
  CHECK_FAILS(port_alert(port, PORT_ALERT_UPDATE, 3, COOKIE(3)), EBUSY);

  /* A child sets one, but the parent's comes after it. */
  CHECK_OK(port_alert(port, 0, 0, NULL));
  child_start(&child, set_alert, &port);
  peer_await(&child, 'a');
  CHECK_NEXT_ALERT(port, 2, COOKIE(2));
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 4, COOKIE(4)));
  peer_tell(&child, 'a');
  child_join(&child);
  CHECK_NEXT_ALERT(port, 4, COOKIE(4));
  CLOSE(port);
}
