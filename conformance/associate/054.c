/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(54, 1, "associating again after draining removes the event that was queued") {
  int port = new_port();
  struct ends pipe = new_pipe();
  put(pipe.w);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  CHECK_QUEUED(port, 1);
  take(pipe.r);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(2));
  CHECK_EMPTY(port);
  put(pipe.w);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(2));
  CLOSE(port, pipe.r, pipe.w);
}
