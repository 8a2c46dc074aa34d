/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(122, 1, "port_getn with max 0 counts the queued events and consumes none") {
  int port = new_port();
  struct ends pipe = new_pipe();
  uint_t count = 0;
  CHECK_OK(port_getn(port, NULL, 0, &count, NULL));
  CHECK_INT(count, 0);
  for (int i = 0; i < 3; i++) SEND(port, i, COOKIE(i));
  put(pipe.w);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(3));
  for (int i = 0; i < 2; i++) {
    count = 1;
    CHECK_OK(port_getn(port, NULL, 0, &count, NULL));
    CHECK_INT(count, 4);
  }
  for (int i = 0; i < 3; i++) CHECK_NEXT_USER(port, i, COOKIE(i));
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(3));
  CLOSE(port, pipe.r, pipe.w);
}
