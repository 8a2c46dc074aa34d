/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(53, 1,
          "associating again while the event is queued leaves one event, with the new user") {
  int port = new_port();
  struct ends pipe = new_pipe();
  put(pipe.w);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  CHECK_QUEUED(port, 1);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(2));
  CHECK_QUEUED(port, 1);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(2));
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
