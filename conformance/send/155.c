/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(155, 2, "port_sendn that succeeds for every port writes no errors") {
  int ports[] = {new_port(), new_port()};
  int errors[2];
  paint(errors, sizeof errors);
  CHECK_INT(port_sendn(ports, errors, 2, 155, COOKIE(155)), 2);
  CHECK(is_painted(errors, sizeof errors));
  CHECK_INT(port_sendn(ports, read_only_page(), 2, 155, COOKIE(155)), 2);
  for (int i = 0; i < 2; i++) CHECK_QUEUED(ports[i], 2);
  CLOSE(ports[0], ports[1]);
}
