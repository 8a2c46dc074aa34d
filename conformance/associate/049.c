/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(49, 1, "two writes before retrieval give exactly one event") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(49));
  put(pipe.w);
  CHECK_QUEUED(port, 1);
  put(pipe.w);
  CHECK_QUEUED(port, 1);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(49));
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
