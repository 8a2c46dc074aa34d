/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(110, 2, "user events are retrieved in the order they were sent") {
  int port = new_port();
  for (int i = 0; i < 5; i++) SEND(port, i, COOKIE(i));
  for (int i = 0; i < 5; i++) CHECK_NEXT_USER(port, i, COOKIE(i));
  for (int i = 0; i < 5; i++) { /* and when the queue never runs empty */
    SEND(port, 2 * i, COOKIE(2 * i));
    SEND(port, 2 * i + 1, COOKIE(2 * i + 1));
    CHECK_NEXT_USER(port, i, COOKIE(i));
  }
  CHECK_QUEUED(port, 5);
  CLOSE(port);
}
