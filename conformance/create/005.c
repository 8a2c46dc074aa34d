/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

/* Runs with room for three ports; the harness itself has none. */
INNER(create_005) {
  (void)parent, (void)arg;
  int first = new_port(), second = new_port(), third = new_port();
  CHECK_FAILS(port_create(), EAGAIN);
  CLOSE(second);
  second = new_port();
  CHECK_FAILS(port_create(), EAGAIN);
  CLOSE(first, second, third);
}

ASSERTION(5, 2, "port_create fails with EAGAIN when the limit of ports is reached") {
  struct peer child;
  SETUP(setenv("PORTC_MAX_PORTS", "3", 1));
  child_exec(&child, "create_005", 0);
  child_join(&child);
}
