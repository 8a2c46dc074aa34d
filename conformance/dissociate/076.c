/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(76, 1, "after port_dissociate of an active association nothing is delivered") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(76));
  CHECK_OK(DISSOCIATE(port, pipe.r));
  put(pipe.w);
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
