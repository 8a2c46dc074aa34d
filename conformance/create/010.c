/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static long long size_of(int port) {
  struct stat status;
  CHECK_OK(fstat(port, &status));
  return (long long)status.st_size;
}

ASSERTION(10, 2, "fstat of a port reports the number of queued events as its size") {
  int port = new_port();
  CHECK_INT(size_of(port), 0);
  for (int i = 0; i < 3; i++) SEND(port, i, COOKIE(i));
  CHECK_INT(size_of(port), 3);
  NEXT(port);
  CHECK_INT(size_of(port), 2);
  CLOSE(port);
}
