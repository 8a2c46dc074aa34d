/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(30, 2,
          "port_associate and port_dissociate on something else than a port fail with EBADFD") {
  struct ends pipe = new_pipe(), other = new_pipe();
  CHECK_FAILS(port_associate(other.r, PORT_SOURCE_FD, (uintptr_t)pipe.r, POLLIN, NULL), EBADFD);
  CHECK_FAILS(DISSOCIATE(other.r, pipe.r), EBADFD);
  CLOSE(pipe.r, pipe.w, other.r, other.w);
}
