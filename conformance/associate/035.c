/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(35, 1, "port_associate of a descriptor that is not open fails with EBADFD") {
  int port = new_port();
  CHECK_FAILS(port_associate(port, PORT_SOURCE_FD, (uintptr_t)closed_fd(), POLLIN, NULL), EBADFD);
  CHECK_EMPTY(port);
  CLOSE(port);
}
