/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(8, 1, "fstat of a port reports the file type of ports") {
  int port = new_port();
  struct stat status;
  CHECK_OK(fstat(port, &status));
  CHECK(S_ISPORT(status.st_mode));
  CHECK_INT(status.st_mode & 0xF000, S_IFPORT);

  struct ends pipe = new_pipe();
  CHECK_OK(fstat(pipe.r, &status));
  CHECK(!S_ISPORT(status.st_mode));
  CLOSE(port, pipe.r, pipe.w);
}
