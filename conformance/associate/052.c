/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(52, 1, "associating twice before anything happens gives one event, with the new user") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(2));
  put(pipe.w);
  CHECK_QUEUED(port, 1);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(2));
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
