/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(55, 1,
          "associating again replaces the events: a queued POLLOUT goes, POLLIN is awaited") {
  int port = new_port();
  struct ends sockets = new_socketpair();
  ASSOCIATE(port, sockets.r, POLLOUT, COOKIE(1));
  CHECK_QUEUED(port, 1);
  ASSOCIATE(port, sockets.r, POLLIN, COOKIE(2));
  CHECK_EMPTY(port);
  put(sockets.w);
  CHECK_NEXT_FD(port, sockets.r, POLLIN, COOKIE(2));
  CLOSE(port, sockets.r, sockets.w);
}
