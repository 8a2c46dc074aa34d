/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(34, 1, "port_associate with any source but FD and FILE fails with EINVAL") {
  static const int sources[] = {0,
                                99,
                                -1,
                                PORT_SOURCE_USER,
                                PORT_SOURCE_ALERT,
                                PORT_SOURCE_AIO,
                                PORT_SOURCE_TIMER,
                                PORT_SOURCE_MQ};
  int port = new_port();
  struct ends pipe = new_pipe();
  put(pipe.w);
  for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
    CHECK_FAILS(port_associate(port, sources[i], (uintptr_t)pipe.r, POLLIN, NULL), EINVAL);
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
