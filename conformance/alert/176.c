/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(176, 2, "in alert mode port_getn with max 0 still tells the length of the queue") {
  int port = new_port();
  struct ends pipe = new_pipe();
  CHECK_OK(port_alert(port, PORT_ALERT_SET, 176, COOKIE(176)));
  CHECK_QUEUED(port, 0);
  SEND(port, 1, COOKIE(1));
  SEND(port, 2, COOKIE(2));
  CHECK_QUEUED(port, 2);
  put(pipe.w);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(3));
  CHECK_QUEUED(port, 3);
  CHECK_NEXT_ALERT(port, 176, COOKIE(176));
  CHECK_QUEUED(port, 3);
  CLOSE(port, pipe.r, pipe.w);
}
