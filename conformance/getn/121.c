/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(121, 2, "port_getn without a list fails with EINVAL or EFAULT, and consumes nothing") {
  int port = new_port();
  uint_t count = 1;
  SEND(port, 121, COOKIE(121));
  CHECK_INT(port_getn(port, NULL, 1, &count, AT_ONCE), -1);
  CHECK(errno == EINVAL || errno == EFAULT);
  outcome(errno_name(errno));
  CHECK_INT(count, 1);
  CHECK_NEXT_USER(port, 121, COOKIE(121));
  CLOSE(port);
}
