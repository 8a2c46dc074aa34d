/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(38, 1, "associating an empty pipe succeeds and queues nothing") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(38));
  CHECK_QUEUED(port, 0);
  CLOSE(port, pipe.r, pipe.w);
}
