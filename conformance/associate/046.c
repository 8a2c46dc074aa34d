/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(46, 1, "an association for no events delivers POLLHUP") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, 0, COOKIE(46));
  CHECK_EMPTY(port);
  CLOSE(pipe.w);
  CHECK_NEXT_FD(port, pipe.r, POLLHUP, COOKIE(46));
  CLOSE(port, pipe.r);
}
