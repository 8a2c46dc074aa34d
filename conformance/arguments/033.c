/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(33, 2, "a missing nget is reported before a bad port") {
  port_event_t list[1];
  CHECK_FAILS(port_getn(-1, list, 1, NULL, AT_ONCE), EINVAL);
  CHECK_FAILS(port_getn(STDIN_FILENO, list, 0, NULL, NULL), EINVAL);
}
