/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"
#include "conformance/poller.h"

ASSERTION(307, 1, "poll finds a port readable exactly while an event is queued") {
  int port = new_port();
  struct ends pipe = new_pipe();
  CHECK_POLLED(port, POLLIN, 0);
  SEND(port, 1, COOKIE(1));
  SEND(port, 2, COOKIE(2));
  CHECK_POLLED(port, POLLIN, POLLIN);
  CHECK_POLLED(port, POLLIN, POLLIN);
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_POLLED(port, POLLIN, POLLIN);
  CHECK_NEXT_USER(port, 2, COOKIE(2));
  CHECK_POLLED(port, POLLIN, 0);

  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(3));
  CHECK_POLLED(port, POLLIN, 0);
  put(pipe.w);
  CHECK_POLLED(port, POLLIN, POLLIN);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(3));
  CHECK_POLLED(port, POLLIN, 0); /* though the pipe is still readable */
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(4));
  CHECK_POLLED(port, POLLIN, POLLIN);
  CHECK_INT(DISSOCIATE(port, pipe.r), 0);
  CHECK_POLLED(port, POLLIN, 0);
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
