/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(21, 1, "port_associate on a descriptor that is not open fails with EBADF") {
  struct ends pipe = new_pipe();
  CHECK_FAILS(port_associate(-1, PORT_SOURCE_FD, (uintptr_t)pipe.r, POLLIN, NULL), EBADF);
  CHECK_FAILS(port_associate(closed_fd(), PORT_SOURCE_FD, (uintptr_t)pipe.r, POLLIN, NULL), EBADF);
  CHECK_FAILS(port_associate(INT_MAX, PORT_SOURCE_FD, (uintptr_t)pipe.r, POLLIN, NULL), EBADF);
  CLOSE(pipe.r, pipe.w);
}
