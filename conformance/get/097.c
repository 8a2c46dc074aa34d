/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

/* The event may be lost, but the port must go on. */
static void check_usable(int port) {
  while (queued(port) > 0) NEXT(port);
  SEND(port, 1, COOKIE(1));
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_EMPTY(port);
}

ASSERTION(97, 2, "port_get into memory that cannot be written fails with EFAULT") {
  int port = new_port();
  SEND(port, 97, COOKIE(97));
  CHECK_FAILS(port_get(port, no_access_page(), LONG_WAIT), EFAULT);
  check_usable(port);
  SEND(port, 97, COOKIE(97));
  CHECK_FAILS(port_get(port, read_only_page(), LONG_WAIT), EFAULT);
  check_usable(port);
  SEND(port, 97, COOKIE(97));
  CHECK_FAILS(port_get(port, unmapped_page(), LONG_WAIT), EFAULT);
  check_usable(port);

  /* Half of the structure lies in the guard page. */
  char *half = (char *)page_edge(sizeof(port_event_t)) + sizeof(port_event_t) / 2;
  SEND(port, 97, COOKIE(97));
  CHECK_FAILS(port_get(port, (port_event_t *)(void *)half, LONG_WAIT), EFAULT);
  check_usable(port);
  CLOSE(port);
}
