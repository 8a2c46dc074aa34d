/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"
#include "conformance/limited.h"

static void check_limit(int most) {
  int port = new_limited_port(most);
  for (int i = 0; i < most; i++) SEND(port, i, COOKIE(i));
  CHECK_FAILS(port_send(port, -1, COOKIE(0)), EAGAIN);
  CHECK_FAILS(port_send(port, -1, COOKIE(0)), EAGAIN);
  CHECK_QUEUED(port, most);
  for (int i = 0; i < most; i++) CHECK_NEXT_USER(port, i, COOKIE(i));
  CHECK_EMPTY(port);
  for (int i = 0; i < most; i++) SEND(port, i, COOKIE(i)); /* all of it is back */
  CHECK_FAILS(port_send(port, -1, COOKIE(0)), EAGAIN);
  CLOSE(port);
}

ASSERTION(314, 1, "a port takes as many user events as its limit says; the next gets EAGAIN") {
  check_limit(1);
  check_limit(5);
  check_limit(1000);
}
