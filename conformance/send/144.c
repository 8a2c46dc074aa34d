/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(144, 1, "ten identical sends give ten events") {
  int port = new_port();
  for (int i = 0; i < 10; i++) SEND(port, 144, COOKIE(144));
  CHECK_QUEUED(port, 10);
  for (int i = 0; i < 10; i++) CHECK_NEXT_USER(port, 144, COOKIE(144));
  CHECK_EMPTY(port);
  CLOSE(port);
}
