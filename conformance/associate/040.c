/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(40, 1, "when data is there already, the event is queued when port_associate returns") {
  int port = new_port();
  struct ends pipe = new_pipe();
  put(pipe.w);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(40));
  CHECK_QUEUED(port, 1);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(40));
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
