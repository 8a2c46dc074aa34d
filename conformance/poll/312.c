/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(312, 2, "re-associating a port that still has an event gives another at once") {
  int outer = new_port(), inner = new_port();
  SEND(inner, 1, COOKIE(1));
  SEND(inner, 2, COOKIE(2));
  for (int i = 0; i < 3; i++) {
    ASSOCIATE(outer, inner, POLLIN, COOKIE(i));
    CHECK_QUEUED(outer, 1);
    CHECK_NEXT_FD(outer, inner, POLLIN, COOKIE(i));
    CHECK_EMPTY(outer);
  }
  CHECK_NEXT_USER(inner, 1, COOKIE(1));
  ASSOCIATE(outer, inner, POLLIN, COOKIE(11));
  CHECK_NEXT_FD(outer, inner, POLLIN, COOKIE(11));
  CHECK_NEXT_USER(inner, 2, COOKIE(2));
  ASSOCIATE(outer, inner, POLLIN, COOKIE(12));
  CHECK_EMPTY(outer);
  CLOSE(outer, inner);
}
