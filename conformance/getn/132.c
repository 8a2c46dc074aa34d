/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static void check_refused(int port, port_event_t *list) {
  uint_t count = 1;
  SEND(port, 132, COOKIE(132));
  CHECK_FAILS(port_getn(port, list, 4, &count, LONG_WAIT), EFAULT);
  CHECK_INT(count, 1);
  while (queued(port) > 0) NEXT(port); /* the event may be lost, the port is not */
}

ASSERTION(132, 2,
          "port_getn into a list that cannot be written fails with EFAULT, nget unchanged") {
  int port = new_port();
  check_refused(port, no_access_page());
  check_refused(port, read_only_page());
  check_refused(port, unmapped_page());
  SEND(port, 1, COOKIE(1));
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CLOSE(port);
}
