/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(94, 2, "tv_nsec of exactly 10^9 is refused, or taken for a second") {
  int port = new_port();
  port_event_t event;
  double start = now_ms();
  CHECK_INT(port_get(port, &event, TIMEOUT(0, 1000000000)), -1);
  CHECK(errno == EINVAL || errno == ETIME);
  if (errno == ETIME) CHECK(now_ms() - start >= 1000);
  outcome(errno == EINVAL ? "EINVAL" : "ETIME");
  CLOSE(port);
}
