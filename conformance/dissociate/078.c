/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(78, 1, "a ready descriptor can be associated and dissociated without a trace") {
  int port = new_port();
  struct ends pipe = new_pipe();
  put(pipe.w);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(78));
  CHECK_OK(DISSOCIATE(port, pipe.r));
  CHECK_EMPTY(port);

  int file = new_file();
  ASSOCIATE(port, file, POLLIN, COOKIE(78));
  CHECK_OK(DISSOCIATE(port, file));
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w, file);
}
