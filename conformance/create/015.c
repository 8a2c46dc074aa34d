/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(15, 1, "closing a duplicate leaves the port usable through the other descriptor") {
  int port = new_port();
  int copy = SETUP(dup(port));
  SEND(port, 1, COOKIE(1));
  CLOSE(copy);
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  SEND(port, 2, COOKIE(2));
  CHECK_NEXT_USER(port, 2, COOKIE(2));

  /* The original is not special. */
  copy = SETUP(dup(port));
  SEND(port, 3, COOKIE(3));
  CLOSE(port);
  CHECK_NEXT_USER(copy, 3, COOKIE(3));
  CHECK_EMPTY(copy);
  CLOSE(copy);
}
