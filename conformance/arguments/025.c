/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(25, 1, "port_send to a descriptor that is not open fails with EBADF") {
  CHECK_FAILS(port_send(closed_fd(), 1, COOKIE(25)), EBADF);
  CHECK_FAILS(port_send(-1, 1, COOKIE(25)), EBADF);
}
