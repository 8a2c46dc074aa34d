/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(7, 1, "two ports are independent: what is sent to one is not queued on the other") {
  int one = new_port(), other = new_port();
  CHECK(one != other);
  SEND(one, 7, COOKIE(7));
  CHECK_QUEUED(one, 1);
  CHECK_EMPTY(other);
  SEND(other, 8, COOKIE(8));
  CHECK_NEXT_USER(one, 7, COOKIE(7));
  CHECK_NEXT_USER(other, 8, COOKIE(8));
  CHECK_EMPTY(one);
  CLOSE(one, other);
}
