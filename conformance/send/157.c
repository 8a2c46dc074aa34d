/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static void check_fault(int *errors) {
  int before = new_port(), after = new_port();
  int ports[] = {before, closed_fd(), after};
  CHECK_FAILS(port_sendn(ports, errors, 3, 157, COOKIE(157)), EFAULT);
  CHECK_NEXT_USER(before, 157, COOKIE(157));
  CHECK_NEXT_USER(after, 157, COOKIE(157));
  CHECK_EMPTY(before);
  CHECK_EMPTY(after);
  CLOSE(before, after);
}

ASSERTION(157, 2, "port_sendn that cannot report an error fails with EFAULT; the rest is sent") {
  check_fault(NULL);
  check_fault(unmapped_page());
  check_fault(read_only_page());
  check_fault(page_edge(2 * sizeof(int))); /* room for two of three */
}
