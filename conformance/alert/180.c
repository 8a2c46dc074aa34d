/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

#include <sys/wait.h>

static void set_alert_and_exit(struct peer *parent, void *arg) {
  int port = *(int *)arg;
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 1, COOKIE(1)));
  peer_tell(parent, 'a');
  peer_await(parent, 'b');
}

/* A child sets the alert, or takes it over, and exits. */
static void check_gone_with_child(int port) {
  struct peer child;
  SEND(port, 180, COOKIE(180));
  child_start(&child, set_alert_and_exit, &port);
  peer_await(&child, 'a');
  CHECK_NEXT_ALERT(port, 1, COOKIE(1));
  peer_tell(&child, 'b');
  child_join(&child);
  CHECK_NEXT_USER(port, 180, COOKIE(180));
  CHECK_EMPTY(port);
}

/* The same when it is killed; nobody looks at the port before the next alert is set. */
static void check_gone_with_killed_child(int port) {
  struct peer child;
  child_start(&child, set_alert_and_exit, &port);
  peer_await(&child, 'a');
  CHECK_FAILS(port_alert(port, PORT_ALERT_UPDATE, 2, COOKIE(2)), EBUSY);
  SETUP(kill(child.pid, SIGKILL));
  SETUP(waitpid(child.pid, NULL, 0));
  CLOSE(child.in, child.out);
  CHECK_OK(port_alert(port, PORT_ALERT_UPDATE, 2, COOKIE(2)));
  CHECK_NEXT_ALERT(port, 2, COOKIE(2));
  CHECK_OK(port_alert(port, 0, 0, NULL));
  CHECK_EMPTY(port);
}

ASSERTION(180, 2, "an alert ends when the process that set it exits") {
  int port = new_port();
  struct waiter waiter;
  check_gone_with_child(port);
  check_gone_with_killed_child(port);
  waiter_get(&waiter, port, NULL); /* blocks: there is no alert left to wake it */
  CHECK_OK(port_alert(port, PORT_ALERT_UPDATE, 2, COOKIE(2)));
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_INT(waiter.list[0].portev_source, PORT_SOURCE_ALERT);
  CHECK_INT(waiter.list[0].portev_events, 2);

  check_gone_with_child(port); /* who set it last counts, and that was the child */
  CLOSE(port);
}
