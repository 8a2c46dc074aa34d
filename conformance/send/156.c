/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(156, 2, "port_sendn needs no room for errors when there are none") {
  int ports[] = {new_port(), new_port()};
  CHECK_INT(port_sendn(ports, NULL, 2, 156, COOKIE(156)), 2);
  CHECK_INT(port_sendn(ports, unmapped_page(), 2, 157, COOKIE(157)), 2);
  for (int i = 0; i < 2; i++) {
    CHECK_NEXT_USER(ports[i], 156, COOKIE(156));
    CHECK_NEXT_USER(ports[i], 157, COOKIE(157));
    CHECK_EMPTY(ports[i]);
  }
  CLOSE(ports[0], ports[1]);
}
