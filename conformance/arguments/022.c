/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(22, 1, "port_dissociate on a descriptor that is not open fails with EBADF") {
  struct ends pipe = new_pipe();
  CHECK_FAILS(DISSOCIATE(closed_fd(), pipe.r), EBADF);
  CHECK_FAILS(DISSOCIATE(-1, pipe.r), EBADF);
  CLOSE(pipe.r, pipe.w);
}
