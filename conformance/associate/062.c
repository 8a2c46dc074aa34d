/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(62, 1, "closing a descriptor removes its event from the queue") {
  int port = new_port();
  struct ends pipe = new_pipe();
  put(pipe.w);
  SEND(port, 1, COOKIE(1));
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(62));
  SEND(port, 2, COOKIE(2));
  CHECK_QUEUED(port, 3);
  CLOSE(pipe.r);
  CHECK_QUEUED(port, 2);
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_NEXT_USER(port, 2, COOKIE(2));
  CHECK_EMPTY(port);
  CLOSE(port, pipe.w);
}
