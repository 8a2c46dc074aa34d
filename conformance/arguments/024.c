/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(24, 1, "port_getn on a descriptor that is not open fails with EBADF") {
  port_event_t list[2];
  uint_t count = 1;
  paint(list, sizeof list);
  CHECK_FAILS(port_getn(closed_fd(), list, 2, &count, AT_ONCE), EBADF);
  CHECK_FAILS(port_getn(-1, list, 2, &count, NULL), EBADF);
  CHECK_FAILS(port_getn(-1, NULL, 0, &count, NULL), EBADF);
  CHECK_INT(count, 1);
  CHECK(is_painted(list, sizeof list));
}
