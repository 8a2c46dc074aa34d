/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(75, 1, "port_dissociate with a source that has no associations fails with EINVAL") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(75));
  CHECK_FAILS(port_dissociate(port, 99, (uintptr_t)pipe.r), EINVAL);
  CHECK_FAILS(port_dissociate(port, 0, (uintptr_t)pipe.r), EINVAL);
  CHECK_FAILS(port_dissociate(port, PORT_SOURCE_USER, (uintptr_t)pipe.r), EINVAL);
  put(pipe.w);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(75));
  CLOSE(port, pipe.r, pipe.w);
}
