/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(56, 2, "the event of a repeated association goes to the end of the queue") {
  int port = new_port();
  struct ends pipe = new_pipe();
  put(pipe.w);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  CHECK_QUEUED(port, 1);
  SEND(port, 56, COOKIE(56));
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(2));
  CHECK_QUEUED(port, 2);
  CHECK_NEXT_USER(port, 56, COOKIE(56));
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(2));
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
