/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(135, 1, "events of different sources come out in the order they fired") {
  int port = new_port();
  struct ends one = new_pipe(), other = new_pipe(), ready = new_pipe();
  ASSOCIATE(port, one.r, POLLIN, COOKIE(11));
  ASSOCIATE(port, other.r, POLLIN, COOKIE(12));
  put(ready.w);

  SEND(port, 1, COOKIE(1));
  put(one.w);
  SEND(port, 2, COOKIE(2));
  ASSOCIATE(port, ready.r, POLLIN, COOKIE(13));
  SEND(port, 3, COOKIE(3));
  put(other.w);
  SEND(port, 4, COOKIE(4));

  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_NEXT_FD(port, one.r, POLLIN, COOKIE(11));
  CHECK_NEXT_USER(port, 2, COOKIE(2));
  CHECK_NEXT_FD(port, ready.r, POLLIN, COOKIE(13));
  CHECK_NEXT_USER(port, 3, COOKIE(3));
  CHECK_NEXT_FD(port, other.r, POLLIN, COOKIE(12));
  CHECK_NEXT_USER(port, 4, COOKIE(4));
  CHECK_EMPTY(port);
  CLOSE(port, one.r, one.w, other.r, other.w, ready.r, ready.w);
}
