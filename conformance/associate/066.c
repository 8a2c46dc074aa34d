/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(66, 1, "a regular file is readable and writable at once") {
  int port = new_port();
  int file = new_file();
  ASSOCIATE(port, file, POLLIN | POLLOUT, COOKIE(1));
  CHECK_QUEUED(port, 1);
  CHECK_NEXT_FD(port, file, POLLIN | POLLOUT, COOKIE(1));
  CHECK_EMPTY(port);
  ASSOCIATE(port, file, POLLIN, COOKIE(2));
  CHECK_NEXT_FD(port, file, POLLIN, COOKIE(2));
  CLOSE(port, file);
}
