/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(23, 1, "port_get on a descriptor that is not open fails with EBADF") {
  port_event_t event;
  paint(&event, sizeof event);
  CHECK_FAILS(port_get(closed_fd(), &event, AT_ONCE), EBADF);
  CHECK_FAILS(port_get(-1, &event, NULL), EBADF);
  CHECK(is_painted(&event, sizeof event));
}
