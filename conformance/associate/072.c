/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(72, 3, "bits of events above the lower 16 are ignored") {
  int port = new_port();
  struct ends pipe = new_pipe();
  int events = (int)(0xFFFF0000u | (unsigned)POLLIN);
  if (port_associate(port, PORT_SOURCE_FD, (uintptr_t)pipe.r, events, COOKIE(1)) == -1) {
    CHECK_INT(errno, EINVAL);
    outcome("rejected");
  } else {
    CHECK_EMPTY(port);
    put(pipe.w);
    CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(1));
    CHECK_EMPTY(port);
    ASSOCIATE(port, pipe.r, events, COOKIE(2)); /* level-triggered re-arm as ever */
    CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(2));
    outcome("ignored");
  }
  CLOSE(port, pipe.r, pipe.w);
}
