/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(149, 1, "port_sendn to three ports gives 3, and each port the event") {
  int ports[] = {new_port(), new_port(), new_port()};
  int errors[3];
  SEND(ports[1], 1, COOKIE(1));
  CHECK_INT(port_sendn(ports, errors, 3, 149, COOKIE(149)), 3);
  CHECK_NEXT_USER(ports[1], 1, COOKIE(1)); /* in its turn */
  for (int i = 0; i < 3; i++) {
    CHECK_NEXT_USER(ports[i], 149, COOKIE(149));
    CHECK_EMPTY(ports[i]);
  }

  struct waiter waiter;
  waiter_get(&waiter, ports[2], NULL); /* and wakes who waits for it */
  CHECK_INT(port_sendn(ports, errors, 3, 150, COOKIE(150)), 3);
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_USER_EVENT(waiter.list[0], 150, COOKIE(150));
  CLOSE(ports[0], ports[1], ports[2]);
}
