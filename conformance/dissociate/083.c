/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(83, 3, "on a new port, port_dissociate of a closed descriptor fails either way") {
  int port = new_port();
  CHECK_INT(DISSOCIATE(port, closed_fd()), -1);
  CHECK(errno == ENOENT || errno == EBADFD);
  outcome(errno_name(errno));
  CLOSE(port);
}
