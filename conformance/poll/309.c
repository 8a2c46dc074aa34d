/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"
#include "conformance/limited.h"
#include "conformance/poller.h"

ASSERTION(309, 2, "poll finds a port writable unless it is full") {
  int port = new_limited_port(2);
  struct ends pipe = new_pipe();
  CHECK_POLLED(port, POLLOUT, POLLOUT);
  CHECK_POLLED(port, POLLIN | POLLOUT, POLLOUT);
  SEND(port, 1, COOKIE(1));
  CHECK_POLLED(port, POLLIN | POLLOUT, POLLIN | POLLOUT);
  SEND(port, 2, COOKIE(2));
  CHECK_POLLED(port, POLLOUT, 0);
  CHECK_POLLED(port, POLLIN | POLLOUT, POLLIN);
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_POLLED(port, POLLOUT, POLLOUT);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(3)); /* takes room, too */
  CHECK_POLLED(port, POLLOUT, 0);
  CHECK_INT(DISSOCIATE(port, pipe.r), 0);
  CHECK_POLLED(port, POLLOUT, POLLOUT);
  CLOSE(port, pipe.r, pipe.w);
}
