/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"
#include "conformance/limited.h"

ASSERTION(161, 2, "port_sendn leaves errno alone, also when some or all ports fail") {
  int port = new_port(), full = new_limited_port(1);
  struct ends pipe = new_pipe();
  int ports[] = {closed_fd(), pipe.r, full, port};
  int errors[4];
  SEND(full, 1, COOKIE(1));
  errno = CANARY;
  CHECK_INT(port_sendn(ports, errors, 4, 161, COOKIE(161)), 1);
  CHECK_INT(errno, CANARY);
  CHECK_INT(port_sendn(ports, errors, 3, 161, COOKIE(161)), 0);
  CHECK_INT(errno, CANARY);
  CHECK_INT(port_sendn(&ports[3], errors, 1, 161, COOKIE(161)), 1);
  CHECK_INT(errno, CANARY);
  CHECK_QUEUED(port, 2);
  CLOSE(port, full, pipe.r, pipe.w);
}
