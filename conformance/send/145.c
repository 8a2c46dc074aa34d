/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"
#include "conformance/limited.h"

ASSERTION(145, 1, "port_send to a full port fails with EAGAIN until an event is retrieved") {
  int port = new_limited_port(3);
  for (int i = 0; i < 3; i++) SEND(port, i, COOKIE(i));
  for (int round = 0; round < 5; round++) {
    CHECK_FAILS(port_send(port, 99, COOKIE(99)), EAGAIN);
    CHECK_QUEUED(port, 3);
    CHECK_NEXT_USER(port, round, COOKIE(round));
    SEND(port, round + 3, COOKIE(round + 3));
  }
  for (int i = 5; i < 8; i++) CHECK_NEXT_USER(port, i, COOKIE(i));
  CHECK_EMPTY(port);
  CLOSE(port);
}
