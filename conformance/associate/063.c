/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(63, 1, "dup2 over an associated descriptor ends the association and removes its event") {
  int port = new_port();
  struct ends pipe = new_pipe(), other = new_pipe();
  int keep = SETUP(dup(pipe.r));
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  SETUP(dup2(other.r, pipe.r));
  put(pipe.w);
  put(other.w);
  CHECK_EMPTY(port);
  CHECK_FAILS(DISSOCIATE(port, pipe.r), ENOENT);

  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(2)); /* now the other pipe, and ready */
  CHECK_QUEUED(port, 1);
  SETUP(dup2(keep, pipe.r));
  CHECK_EMPTY(port);
  CLOSE(port, keep, pipe.r, pipe.w, other.r, other.w);
}
