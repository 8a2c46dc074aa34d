/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(64, 2, "closing one of two associated duplicates leaves the association of the other") {
  int port = new_port();
  struct ends pipe = new_pipe();
  int copy = SETUP(dup(pipe.r));
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  ASSOCIATE(port, copy, POLLIN, COOKIE(2));
  CLOSE(pipe.r);
  put(pipe.w);
  CHECK_QUEUED(port, 1);
  CHECK_NEXT_FD(port, copy, POLLIN, COOKIE(2));
  CHECK_EMPTY(port);
  CLOSE(port, pipe.w, copy);
}
