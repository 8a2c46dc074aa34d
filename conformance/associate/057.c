/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(57, 1, "an event that has fired is delivered though the data has been read meanwhile") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  put(pipe.w);
  CHECK_QUEUED(port, 1);
  take(pipe.r);
  CHECK_QUEUED(port, 1);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(1));
  CHECK_EMPTY(port);

  /* Without any call on the port before the data is gone, Linux has nothing to tell. */
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(2));
  put(pipe.w);
  take(pipe.r);
#ifdef __linux__
  CHECK_EMPTY(port);
  deviation("latching");
  put(pipe.w);
#endif
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(2));
  CLOSE(port, pipe.r, pipe.w);
}
