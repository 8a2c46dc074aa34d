/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(152, 1, "port_sendn counts the successes and says for each port what happened") {
  int port = new_port();
  struct ends pipe = new_pipe();
  int ports[] = {port, closed_fd(), pipe.r};
  int errors[3];
  paint(errors, sizeof errors);
  CHECK_INT(port_sendn(ports, errors, 3, 152, COOKIE(152)), 1);
  CHECK_INT(errors[0], 0);
  CHECK_INT(errors[1], EBADF);
  CHECK_INT(errors[2], EBADFD);
  CHECK_NEXT_USER(port, 152, COOKIE(152));
  CHECK_EMPTY(port);

  int other_way[] = {pipe.w, -1, port};
  paint(errors, sizeof errors);
  CHECK_INT(port_sendn(other_way, errors, 3, 152, COOKIE(152)), 1);
  CHECK_INT(errors[0], EBADFD);
  CHECK_INT(errors[1], EBADF);
  CHECK_INT(errors[2], 0);
  CHECK_NEXT_USER(port, 152, COOKIE(152));
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
