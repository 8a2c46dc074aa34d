/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(154, 1, "port_sendn that fails for every port gives 0, and all the errors") {
  struct ends pipe = new_pipe();
  int ports[] = {closed_fd(), pipe.r, -1, INT_MAX};
  int errors[4];
  paint(errors, sizeof errors);
  CHECK_INT(port_sendn(ports, errors, 4, 154, COOKIE(154)), 0);
  CHECK_INT(errors[0], EBADF);
  CHECK_INT(errors[1], EBADFD);
  CHECK_INT(errors[2], EBADF);
  CHECK_INT(errors[3], EBADF);
  CLOSE(pipe.r, pipe.w);
}
