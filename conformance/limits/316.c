/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"
#include "conformance/limited.h"

ASSERTION(316, 1, "a descriptor that a full port knows can be associated again") {
  int port = new_limited_port(2);
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  SEND(port, 316, COOKIE(316));
  CHECK_FAILS(port_send(port, -1, NULL), EAGAIN);

  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(2)); /* while it waits, */
  put(pipe.w);
  CHECK_QUEUED(port, 2);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(3)); /* while its event is queued, */
  CHECK_NEXT_USER(port, 316, COOKIE(316));
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(3));
  SEND(port, 317, COOKIE(317));
  CHECK_FAILS(port_send(port, -1, NULL), EAGAIN);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(4)); /* and after it was retrieved */
  CHECK_NEXT_USER(port, 317, COOKIE(317));
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(4));
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
