/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(129, 1, "port_getn on an empty port fails with EFAULT when the timeout cannot be read") {
  int port = new_port();
  port_event_t list[1];
  uint_t count = 1;
  paint(list, sizeof list);
  CHECK_FAILS(port_getn(port, list, 1, &count, no_access_page()), EFAULT);
  CHECK_FAILS(port_getn(port, list, 1, &count, unmapped_page()), EFAULT);
  char *half = (char *)page_edge(sizeof(struct timespec)) + sizeof(struct timespec) / 2;
  CHECK_FAILS(port_getn(port, list, 1, &count, (struct timespec *)(void *)half), EFAULT);
  CHECK_INT(count, 1);
  CHECK(is_painted(list, sizeof list));
  CLOSE(port);
}
