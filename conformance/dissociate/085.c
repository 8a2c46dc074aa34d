/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(85, 2, "a descriptor can be associated again after port_dissociate") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  CHECK_OK(DISSOCIATE(port, pipe.r));
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(2));
  CHECK_EMPTY(port);
  put(pipe.w);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(2));
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
