/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(79, 1, "port_dissociate of a descriptor that was never associated fails with ENOENT") {
  int port = new_port();
  struct ends pipe = new_pipe(), other = new_pipe();
  ASSOCIATE(port, other.r, POLLIN, COOKIE(79));
  CHECK_FAILS(DISSOCIATE(port, pipe.r), ENOENT);
  put(other.w);
  CHECK_NEXT_FD(port, other.r, POLLIN, COOKIE(79));
  CLOSE(port, pipe.r, pipe.w, other.r, other.w);
}
