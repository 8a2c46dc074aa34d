/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(84, 2, "port_dissociate of descriptor -1 fails with EBADFD") {
  int port = new_port();
  struct ends pipe = new_pipe();
  CHECK_FAILS(port_dissociate(port, PORT_SOURCE_FD, (uintptr_t)-1), EBADFD);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(84));
  CHECK_FAILS(port_dissociate(port, PORT_SOURCE_FD, (uintptr_t)-1), EBADFD);
  CHECK_FAILS(port_dissociate(port, PORT_SOURCE_FD, (uintptr_t)INT_MAX + 1), EBADFD);
  CLOSE(port, pipe.r, pipe.w);
}
