/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

#include <sys/ioctl.h>

ASSERTION(12, 3, "lseek and ioctl(FIONREAD) on a port fail") {
  int port = new_port();
  int waiting = 0;
  CHECK_INT(ioctl(port, FIONREAD, &waiting), -1);
  outcome(lseek(port, 0, SEEK_SET) == -1 ? "lseek-fails" : "lseek-succeeds");
  CLOSE(port);
}
