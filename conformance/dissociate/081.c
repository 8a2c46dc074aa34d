/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(81, 1, "port_dissociate after the event was retrieved fails with ENOENT") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(81));
  put(pipe.w);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(81));
  CHECK_FAILS(DISSOCIATE(port, pipe.r), ENOENT);
  CHECK_FAILS(DISSOCIATE(port, pipe.r), ENOENT);
  CLOSE(port, pipe.r, pipe.w);
}
