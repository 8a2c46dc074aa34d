/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(67, 2, "a directory is readable at once") {
  int port = new_port();
  int folder = SETUP(open("/", O_RDONLY));
  ASSOCIATE(port, folder, POLLIN, COOKIE(67));
  CHECK_QUEUED(port, 1);
  CHECK_NEXT_FD(port, folder, POLLIN, COOKIE(67));
  CHECK_EMPTY(port);
  CLOSE(port, folder);
}
