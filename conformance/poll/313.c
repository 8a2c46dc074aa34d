/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"
#include "conformance/poller.h"

ASSERTION(313, 2, "a thread that polls a port wakes when a ready descriptor is associated") {
  int port = new_port();
  struct ends pipe = new_pipe();
  struct poller poller;
  int file = new_file();
  put(pipe.w);
  poller_start(&poller, port, POLLIN);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  poller_join(&poller, POLLIN);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(1));

  poller_start(&poller, port, POLLIN); /* and when it is associated again */
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(2));
  poller_join(&poller, POLLIN);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(2));

  poller_start(&poller, port, POLLIN); /* and when it is a file, which is always ready */
  ASSOCIATE(port, file, POLLIN, COOKIE(3));
  poller_join(&poller, POLLIN);
  CHECK_NEXT_FD(port, file, POLLIN, COOKIE(3));
  CLOSE(port, pipe.r, pipe.w, file);
}
