/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(9, 2, "fstat of a port reports no permission bits, and the ids of its creator") {
  int port = new_port();
  struct stat status;
  CHECK_OK(fstat(port, &status));
  CHECK_INT(status.st_mode & 07777, 0);
  CHECK_INT(status.st_uid, geteuid());
  CHECK_INT(status.st_gid, getegid());
  CLOSE(port);
}
