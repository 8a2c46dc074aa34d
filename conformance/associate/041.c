/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(41, 1, "an association for POLLRDNORM delivers POLLRDNORM") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLRDNORM, COOKIE(41));
  CHECK_EMPTY(port);
  put(pipe.w);
  CHECK_NEXT_FD(port, pipe.r, POLLRDNORM, COOKIE(41));
  CLOSE(port, pipe.r, pipe.w);
}
