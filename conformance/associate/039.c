/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(39, 1, "data that arrives at an associated pipe gives an event with all its fields") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(39));
  put(pipe.w);
  port_event_t event = NEXT(port);
  CHECK_INT(event.portev_source, PORT_SOURCE_FD);
  CHECK_INT(event.portev_object, pipe.r);
  CHECK(event.portev_events & POLLIN);
  CHECK_PTR(event.portev_user, COOKIE(39));
  CLOSE(port, pipe.r, pipe.w);
}
