/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(151, 1, "port_sendn with an unreadable list of ports fails with EFAULT") {
  int port = new_port();
  int errors[2];
  paint(errors, sizeof errors);
  CHECK_FAILS(port_sendn(unmapped_page(), errors, 1, 151, COOKIE(151)), EFAULT);
  CHECK_FAILS(port_sendn(no_access_page(), errors, 1, 151, COOKIE(151)), EFAULT);
  CHECK_FAILS(port_sendn(NULL, errors, 1, 151, COOKIE(151)), EFAULT);

  /* The list is read before anything is sent. */
  int *ports = page_edge(sizeof(int));
  ports[0] = port;
  CHECK_FAILS(port_sendn(ports, errors, 2, 151, COOKIE(151)), EFAULT);
  CHECK_EMPTY(port);
  CHECK(is_painted(errors, sizeof errors));
  CHECK_INT(port_sendn(ports, errors, 1, 151, COOKIE(151)), 1);
  CHECK_NEXT_USER(port, 151, COOKIE(151));
  CLOSE(port);
}
