/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(124, 2, "port_getn with max 0 ignores an invalid timeout") {
  int port = new_port();
  uint_t count = 1;
  SEND(port, 124, COOKIE(124));
  CHECK_OK(port_getn(port, NULL, 0, &count, TIMEOUT(-1, -1)));
  CHECK_INT(count, 1);
  CHECK_OK(port_getn(port, NULL, 0, &count, no_access_page()));
  CHECK_INT(count, 1);
  CLOSE(port);
}
