/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(50, 1, "associating again with data still unread gives a new event at once") {
  int port = new_port();
  struct ends pipe = new_pipe();
  put(pipe.w);
  for (int i = 0; i < 3; i++) {
    ASSOCIATE(port, pipe.r, POLLIN, COOKIE(i));
    CHECK_QUEUED(port, 1);
    CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(i));
  }
  CLOSE(port, pipe.r, pipe.w);
}
