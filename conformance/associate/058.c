/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(58, 2, "what becomes true after the event was queued is neither added nor queued anew") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  put(pipe.w);
  CHECK_QUEUED(port, 1);
  CLOSE(pipe.w);
  CHECK_QUEUED(port, 1);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(1));
  CHECK_EMPTY(port);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(2));
  CHECK_NEXT_FD(port, pipe.r, POLLIN | POLLHUP, COOKIE(2));
  CLOSE(port, pipe.r);
}
