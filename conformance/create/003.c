/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(3, 1, "a new port is not close-on-exec") {
  int port = new_port();
  CHECK_INT(fcntl(port, F_GETFD) & FD_CLOEXEC, 0);
  CLOSE(port);
}
