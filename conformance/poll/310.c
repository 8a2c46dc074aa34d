/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

#include <sys/select.h>

/* Whether select finds the port readable now. */
static bool selected(int port) {
  struct timeval at_once = {0, 0};
  fd_set set;
  FD_ZERO(&set);
  FD_SET(port, &set);
  int count = select(port + 1, &set, NULL, NULL, &at_once);
  CHECK(count >= 0);
  CHECK_INT(count, FD_ISSET(port, &set) ? 1 : 0);
  return count == 1;
}

ASSERTION(310, 3, "select finds a port with an event readable, or never does") {
  int port = new_port();
  CHECK(!selected(port));
  SEND(port, 310, COOKIE(310));
  outcome(selected(port) ? "readable" : "never");
  CHECK_NEXT_USER(port, 310, COOKIE(310));
  CHECK(!selected(port));
  CLOSE(port);
}
