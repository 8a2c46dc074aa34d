/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(31, 2, "a bad port is reported before a bad source or a bad object") {
  struct ends pipe = new_pipe();
  CHECK_FAILS(port_associate(-1, 99, (uintptr_t)-1, POLLIN, NULL), EBADF);
  CHECK_FAILS(port_associate(pipe.r, 99, (uintptr_t)-1, POLLIN, NULL), EBADFD);
  CHECK_FAILS(port_dissociate(-1, 99, (uintptr_t)-1), EBADF);
  CHECK_FAILS(port_dissociate(pipe.r, 99, (uintptr_t)-1), EBADFD);
  CLOSE(pipe.r, pipe.w);
}
