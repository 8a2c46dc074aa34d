/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(44, 1, "POLLHUP is delivered though not asked for, when the writer is gone") {
  int port = new_port();
  struct ends pipe = new_pipe();
  CLOSE(pipe.w);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(44));
  port_event_t event = NEXT(port);
  CHECK(event.portev_events & POLLHUP);
  CHECK_INT(event.portev_events & ~(POLLHUP | POLLIN), 0);
  CHECK_FD_EVENT(event, pipe.r, event.portev_events, COOKIE(44));
  CLOSE(port, pipe.r);
}
