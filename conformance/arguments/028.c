/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(28, 1, "port_send to a regular file fails with EBADFD") {
  int file = new_file();
  struct stat status;
  CHECK_FAILS(port_send(file, 1, COOKIE(28)), EBADFD);
  SETUP(fstat(file, &status));
  CHECK_INT(status.st_size, 0);
  CLOSE(file);
}
