/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(43, 1, "POLLIN|POLLOUT on an idle, writable socket gives one event, with POLLOUT") {
  int port = new_port();
  struct ends sockets = new_socketpair();
  ASSOCIATE(port, sockets.r, POLLIN | POLLOUT, COOKIE(43));
  CHECK_QUEUED(port, 1);
  CHECK_NEXT_FD(port, sockets.r, POLLOUT, COOKIE(43));
  put(sockets.w);
  CHECK_EMPTY(port); /* one-shot for both conditions */
  CLOSE(port, sockets.r, sockets.w);
}
