/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"
#include "conformance/limited.h"

ASSERTION(153, 1, "port_sendn reports EAGAIN for a full port and serves the others") {
  int full = new_limited_port(2);
  int ports[] = {new_port(), full, new_port()};
  int errors[3];
  for (int i = 0; i < 2; i++) SEND(full, i, COOKIE(i));
  paint(errors, sizeof errors);
  CHECK_INT(port_sendn(ports, errors, 3, 153, COOKIE(153)), 2);
  CHECK_INT(errors[0], 0);
  CHECK_INT(errors[1], EAGAIN);
  CHECK_INT(errors[2], 0);
  CHECK_NEXT_USER(ports[0], 153, COOKIE(153));
  CHECK_NEXT_USER(ports[2], 153, COOKIE(153));
  for (int i = 0; i < 2; i++) CHECK_NEXT_USER(full, i, COOKIE(i));
  for (int i = 0; i < 3; i++) CHECK_EMPTY(ports[i]);
  CLOSE(ports[0], ports[1], ports[2]);
}
