/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(59, 1, "a pipe associated through two descriptors gives an event for each of them") {
  int port = new_port();
  struct ends pipe = new_pipe();
  int copy = SETUP(dup(pipe.r));
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  ASSOCIATE(port, copy, POLLIN, COOKIE(2));
  put(pipe.w);
  CHECK_QUEUED(port, 2);
  port_event_t one = NEXT(port), other = NEXT(port);
  if (one.portev_object != (uintptr_t)pipe.r) { /* either order will do */
    port_event_t first = one;
    one = other;
    other = first;
  }
  CHECK_FD_EVENT(one, pipe.r, POLLIN, COOKIE(1));
  CHECK_FD_EVENT(other, copy, POLLIN, COOKIE(2));
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w, copy);
}
