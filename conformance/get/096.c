/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(96, 1, "port_get without an event structure fails with EFAULT") {
  int port = new_port();
  CHECK_FAILS(port_get(port, NULL, AT_ONCE), EFAULT);
  SEND(port, 96, COOKIE(96));
  CHECK_FAILS(port_get(port, NULL, AT_ONCE), EFAULT);
  CHECK_FAILS(port_get(port, NULL, NULL), EFAULT);
  CLOSE(port);
}
