/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(158, 1, "port_sendn sends once for each entry, also when a port is named twice") {
  int one = new_port(), other = new_port();
  int ports[] = {one, other, one};
  int copy = SETUP(dup(other));
  int same[] = {other, copy};
  CHECK_INT(port_sendn(ports, NULL, 3, 158, COOKIE(158)), 3);
  CHECK_QUEUED(one, 2);
  CHECK_QUEUED(other, 1);
  CHECK_INT(port_sendn(same, NULL, 2, 158, COOKIE(158)), 2);
  CHECK_QUEUED(other, 3);
  for (int i = 0; i < 2; i++) CHECK_NEXT_USER(one, 158, COOKIE(158));
  for (int i = 0; i < 3; i++) CHECK_NEXT_USER(other, 158, COOKIE(158));
  CHECK_EMPTY(one);
  CHECK_EMPTY(other);
  CLOSE(one, other, copy);
}
