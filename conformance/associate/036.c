/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(36, 1, "port_associate of descriptor -1 fails with EBADFD") {
  int port = new_port();
  CHECK_FAILS(port_associate(port, PORT_SOURCE_FD, (uintptr_t)-1, POLLIN, NULL), EBADFD);
  CLOSE(port);
}
