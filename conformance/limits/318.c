/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"
#include "conformance/limited.h"

/* The port has room for one event again: take and release it. */
static void check_room(int port) {
  SEND(port, 318, COOKIE(318));
  CHECK_FAILS(port_send(port, -1, NULL), EAGAIN);
  CHECK_NEXT_USER(port, 318, COOKIE(318));
  CHECK_EMPTY(port);
}

ASSERTION(318, 1, "closing an associated descriptor makes room") {
  int port = new_limited_port(1);
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1)); /* while it waits, */
  CHECK_FAILS(port_send(port, -1, NULL), EAGAIN);
  CLOSE(pipe.r, pipe.w);
  check_room(port);

  pipe = new_pipe();
  put(pipe.w);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(2)); /* while its event is queued, */
  CHECK_FAILS(port_send(port, -1, NULL), EAGAIN);
  CLOSE(pipe.r, pipe.w);
  check_room(port);

  pipe = new_pipe();
  put(pipe.w);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(3)); /* after that was retrieved, */
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(3));
  CHECK_FAILS(port_send(port, -1, NULL), EAGAIN);
  CLOSE(pipe.r);
  check_room(port);

  ASSOCIATE(port, pipe.w, 0, COOKIE(4)); /* and by a dup2 over it */
  CHECK_FAILS(port_send(port, -1, NULL), EAGAIN);
  SETUP(dup2(port, pipe.w));
  check_room(port);
  CLOSE(port, pipe.w);
}
