/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(42, 2, "an event holds no condition that was not asked for, though it be true") {
  int port = new_port();
  struct ends sockets = new_socketpair();
  put(sockets.w);
  ASSOCIATE(port, sockets.r, POLLIN, COOKIE(42)); /* readable and writable */
  CHECK_NEXT_FD(port, sockets.r, POLLIN, COOKIE(42));
  ASSOCIATE(port, sockets.r, POLLOUT, COOKIE(42));
  CHECK_NEXT_FD(port, sockets.r, POLLOUT, COOKIE(42));
  CLOSE(port, sockets.r, sockets.w);
}
