/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"
#include "conformance/poller.h"

ASSERTION(182, 2, "an alert does not make the port readable, nor wake who polls it") {
  int port = new_port();
  struct poller poller;
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 182, COOKIE(182)));
  CHECK_POLLED(port, POLLIN, 0);
  CHECK_NEXT_ALERT(port, 182, COOKIE(182));
  CHECK_POLLED(port, POLLIN, 0);
  CHECK_OK(port_alert(port, 0, 0, NULL));

  poller_start(&poller, port, POLLIN);
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 182, COOKIE(182)));
  CHECK(task_settle(&poller.task));
  SEND(port, 1, COOKIE(1)); /* but an event does, alert or not */
  poller_join(&poller, POLLIN);
  CHECK_POLLED(port, POLLIN, POLLIN);
  CHECK_OK(port_alert(port, 0, 0, NULL));
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_POLLED(port, POLLIN, 0);
  CLOSE(port);
}
