/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(37, 2, "port_associate of an object beyond INT_MAX fails with EBADFD") {
  int port = new_port();
  uintptr_t beyond = (uintptr_t)INT_MAX + 1;
  CHECK_FAILS(port_associate(port, PORT_SOURCE_FD, beyond, POLLIN, NULL), EBADFD);
#if UINTPTR_MAX > 0xFFFFFFFFu
  /* Not even when its lower half names an open descriptor. */
  uintptr_t high_bit = ((uintptr_t)1 << 32) | STDIN_FILENO;
  CHECK_FAILS(port_associate(port, PORT_SOURCE_FD, high_bit, POLLIN, NULL), EBADFD);
#endif
  CLOSE(port);
}
