/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"
#include "conformance/limited.h"

ASSERTION(317, 2, "retrieving a descriptor's event makes no room; dissociating it does") {
  int port = new_limited_port(1);
  struct ends pipe = new_pipe();
  int file = new_file();
  put(pipe.w);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(1));
  CHECK_FAILS(port_send(port, 317, COOKIE(317)), EAGAIN);
  CHECK_FAILS(DISSOCIATE(port, pipe.r), ENOENT);
  SEND(port, 317, COOKIE(317));
  CHECK_NEXT_USER(port, 317, COOKIE(317));

  ASSOCIATE(port, file, POLLIN, COOKIE(2)); /* the same for a regular file */
  CHECK_NEXT_FD(port, file, POLLIN, COOKIE(2));
  CHECK_FAILS(port_send(port, 318, COOKIE(318)), EAGAIN);
  CHECK_FAILS(DISSOCIATE(port, file), ENOENT);
  SEND(port, 318, COOKIE(318));
  CHECK_NEXT_USER(port, 318, COOKIE(318));

  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(3)); /* and for an event that is still queued */
  CHECK_QUEUED(port, 1);
  CHECK_INT(DISSOCIATE(port, pipe.r), 0);
  SEND(port, 319, COOKIE(319));
  CHECK_NEXT_USER(port, 319, COOKIE(319));
  CLOSE(port, pipe.r, pipe.w, file);
}
