/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(168, 1, "events that come in during an alert are kept, in order, until it ends") {
  int port = new_port();
  struct ends early = new_pipe(), late = new_pipe();
  ASSOCIATE(port, early.r, POLLIN, COOKIE(12));
  SEND(port, 1, COOKIE(1));
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 168, COOKIE(168)));
  put(early.w);
  SEND(port, 2, COOKIE(2));
  put(late.w);
  ASSOCIATE(port, late.r, POLLIN, COOKIE(13));
  CHECK_INT(port_sendn(&port, NULL, 1, 3, COOKIE(3)), 1);
  CHECK_NEXT_ALERT(port, 168, COOKIE(168));

  CHECK_OK(port_alert(port, 0, 0, NULL));
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_NEXT_FD(port, early.r, POLLIN, COOKIE(12));
  CHECK_NEXT_USER(port, 2, COOKIE(2));
  CHECK_NEXT_FD(port, late.r, POLLIN, COOKIE(13));
  CHECK_NEXT_USER(port, 3, COOKIE(3));
  CHECK_EMPTY(port);
  CLOSE(port, early.r, early.w, late.r, late.w);
}
