/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(14, 1, "a duplicate of the port's descriptor is the same port, in both directions") {
  int port = new_port();
  int copy = SETUP(dup(port));
  int high = SETUP(fcntl(port, F_DUPFD, 100));
  SEND(port, 1, COOKIE(1));
  CHECK_NEXT_USER(copy, 1, COOKIE(1));
  SEND(copy, 2, COOKIE(2));
  CHECK_NEXT_USER(port, 2, COOKIE(2));
  SEND(high, 3, COOKIE(3));
  CHECK_QUEUED(copy, 1);
  CHECK_NEXT_USER(port, 3, COOKIE(3));
  CHECK_EMPTY(high);
  CLOSE(port, copy, high);
}
