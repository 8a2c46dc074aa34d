/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(77, 1, "port_dissociate succeeds while the event is queued, and removes it") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(77));
  put(pipe.w);
  SEND(port, 1, COOKIE(1));
  CHECK_QUEUED(port, 2);
  CHECK_OK(DISSOCIATE(port, pipe.r));
  CHECK_QUEUED(port, 1);
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
