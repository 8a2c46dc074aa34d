/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(150, 1, "port_sendn to no port fails with EINVAL") {
  int port = new_port();
  int error;
  paint(&error, sizeof error);
  CHECK_FAILS(port_sendn(&port, &error, 0, 150, COOKIE(150)), EINVAL);
  CHECK_FAILS(port_sendn(NULL, NULL, 0, 150, COOKIE(150)), EINVAL);
  CHECK(is_painted(&error, sizeof error));
  CHECK_EMPTY(port);
  CLOSE(port);
}
