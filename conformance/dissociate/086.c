/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(86, 2, "port_dissociate of a duplicate of the associated descriptor fails with ENOENT") {
  int port = new_port();
  struct ends pipe = new_pipe();
  int copy = SETUP(dup(pipe.r));
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(86));
  CHECK_FAILS(DISSOCIATE(port, copy), ENOENT);
  put(pipe.w);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(86));
  CLOSE(port, pipe.r, pipe.w, copy);
}
