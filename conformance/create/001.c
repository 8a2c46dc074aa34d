/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(1, 1, "port_create returns a non-negative descriptor that is open") {
  errno = CANARY;
  int port = port_create();
  CHECK_INT(errno, CANARY);
  CHECK(port >= 0);
  CHECK(fcntl(port, F_GETFD) != -1);
  CLOSE(port);
}
