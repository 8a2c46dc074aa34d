/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(51, 1, "associating again after draining gives no event until new data comes") {
  int port = new_port();
  struct ends pipe = new_pipe();
  for (int i = 0; i < 3; i++) {
    ASSOCIATE(port, pipe.r, POLLIN, COOKIE(i));
    CHECK_EMPTY(port);
    put(pipe.w);
    CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(i));
    take(pipe.r);
  }
  CLOSE(port, pipe.r, pipe.w);
}
