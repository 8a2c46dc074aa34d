/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(65, 1, "a descriptor that reuses the number of a closed one is associated afresh") {
  int port = new_port();
  struct ends pipe = new_pipe(), other = new_pipe();
  int keep = SETUP(dup(pipe.r));
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  CLOSE(pipe.r);
  int reused = SETUP(fcntl(other.r, F_DUPFD, pipe.r));
  SETUP(reused == pipe.r ? 0 : -1);
  ASSOCIATE(port, reused, POLLIN, COOKIE(2));
  put(pipe.w);
  CHECK_EMPTY(port);
  put(other.w);
  CHECK_QUEUED(port, 1);
  CHECK_NEXT_FD(port, reused, POLLIN, COOKIE(2));
  CHECK_EMPTY(port);
  CLOSE(port, keep, pipe.w, reused, other.r, other.w);
}
