/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(27, 1, "port_get and port_getn on a pipe fail with EBADFD") {
  struct ends pipe = new_pipe();
  port_event_t event;
  uint_t count = 1;
  paint(&event, sizeof event);
  CHECK_FAILS(port_get(pipe.r, &event, AT_ONCE), EBADFD);
  CHECK_FAILS(port_getn(pipe.r, &event, 1, &count, AT_ONCE), EBADFD);
  CHECK_FAILS(port_getn(pipe.w, NULL, 0, &count, NULL), EBADFD);
  CHECK_INT(count, 1);
  CHECK(is_painted(&event, sizeof event));
  CLOSE(pipe.r, pipe.w);
}
