/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(47, 2, "a write end whose reader is gone gives an event with POLLERR or POLLHUP") {
  int port = new_port();
  struct ends pipe = new_pipe();
  CLOSE(pipe.r);
  ASSOCIATE(port, pipe.w, POLLOUT, COOKIE(47));
  port_event_t event = NEXT(port);
  CHECK(event.portev_events & (POLLERR | POLLHUP));
  CHECK_INT(event.portev_events & ~(POLLERR | POLLHUP | POLLOUT), 0);
  CHECK_FD_EVENT(event, pipe.w, event.portev_events, COOKIE(47));
  CLOSE(port, pipe.w);
}
