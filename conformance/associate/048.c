/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(48, 1, "one-shot: after delivery, more data gives no event until associated again") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  put(pipe.w);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(1));
  put(pipe.w);
  CHECK_EMPTY(port);
  take(pipe.r);
  put(pipe.w); /* a new transition is none of its business either */
  CHECK_EMPTY(port);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(2));
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(2));
  CLOSE(port, pipe.r, pipe.w);
}
