/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(61, 1, "closing an associated descriptor ends the association, whoever gets its number") {
  int port = new_port();
  struct ends pipe = new_pipe(), other = new_pipe();
  int keep = SETUP(dup(pipe.r)); /* the pipe itself lives on */
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(61));
  CLOSE(pipe.r);
  put(pipe.w);
  CHECK_EMPTY(port);

  int reused = SETUP(fcntl(other.r, F_DUPFD, pipe.r));
  SETUP(reused == pipe.r ? 0 : -1);
  put(other.w);
  put(pipe.w);
  CHECK_EMPTY(port);
  CHECK_FAILS(DISSOCIATE(port, reused), ENOENT);
  CLOSE(port, keep, pipe.w, reused, other.r, other.w);
}
