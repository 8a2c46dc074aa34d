/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(60, 1, "a descriptor associated with two ports gives an event on each") {
  int one = new_port(), other = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(one, pipe.r, POLLIN, COOKIE(1));
  ASSOCIATE(other, pipe.r, POLLIN, COOKIE(2));
  put(pipe.w);
  CHECK_NEXT_FD(one, pipe.r, POLLIN, COOKIE(1));
  CHECK_NEXT_FD(other, pipe.r, POLLIN, COOKIE(2));
  CHECK_EMPTY(one);
  CHECK_EMPTY(other);
  CLOSE(one, other, pipe.r, pipe.w);
}
