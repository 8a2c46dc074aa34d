/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(80, 1, "a second port_dissociate fails with ENOENT") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(80));
  CHECK_OK(DISSOCIATE(port, pipe.r));
  CHECK_FAILS(DISSOCIATE(port, pipe.r), ENOENT);
  CLOSE(port, pipe.r, pipe.w);
}
