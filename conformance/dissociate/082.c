/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(82, 1, "port_dissociate of a closed descriptor fails with EBADFD") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(82));
  CHECK_FAILS(DISSOCIATE(port, closed_fd()), EBADFD);
  CLOSE(pipe.r);
  CHECK_FAILS(DISSOCIATE(port, pipe.r), EBADFD);
  CLOSE(port, pipe.w);
}
