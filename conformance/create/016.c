/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(16, 3,
          "associations survive, or do not, when one of two descriptors of the port is closed") {
  int port = new_port();
  int copy = SETUP(dup(port));
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(16));
  CLOSE(copy);
  put(pipe.w);
  if (queued(port) == 0) {
    outcome("dropped");
  } else {
    CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(16));
    outcome("survive");
  }
  CLOSE(port, pipe.r, pipe.w);
}
