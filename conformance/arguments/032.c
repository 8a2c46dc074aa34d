/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(32, 2, "a bad port is reported before a missing list, a bad count or a bad timeout") {
  struct ends pipe = new_pipe();
  uint_t one = 1, two = 2;
  CHECK_FAILS(port_getn(-1, NULL, 1, &one, AT_ONCE), EBADF);
  CHECK_FAILS(port_getn(-1, NULL, 1, &two, TIMEOUT(-1, 0)), EBADF);
  CHECK_FAILS(port_getn(pipe.r, NULL, 1, &two, TIMEOUT(-1, 0)), EBADFD);
  CHECK_FAILS(port_get(-1, NULL, TIMEOUT(-1, 0)), EBADF);
  CHECK_FAILS(port_get(pipe.r, NULL, TIMEOUT(-1, 0)), EBADFD);
  CLOSE(pipe.r, pipe.w);
}
