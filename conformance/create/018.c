/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(18, 2, "a port created on the number of a closed one starts empty") {
  struct ends pipe = new_pipe();
  int port = new_port();
  for (int i = 0; i < 3; i++) SEND(port, i, COOKIE(i));
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(18));
  CLOSE(port);

  int next = new_port();
  CHECK_INT(next, port);
  CHECK_EMPTY(next);
  put(pipe.w);
  CHECK_EMPTY(next);
  CHECK_FAILS(DISSOCIATE(next, pipe.r), ENOENT);
  CLOSE(next, pipe.r, pipe.w);
}
