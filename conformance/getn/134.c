/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(134, 2, "port_getn writes no list entry beyond those it delivers") {
  int port = new_port();
  port_event_t list[8];
  uint_t count = 1;
  paint(list, sizeof list);
  for (int i = 0; i < 3; i++) SEND(port, i, COOKIE(i));
  CHECK_OK(port_getn(port, list, 8, &count, AT_ONCE));
  CHECK_INT(count, 3);
  CHECK(is_painted(list + 3, 5 * sizeof list[0]));

  /* What lies beyond need not even be there. */
  port_event_t *edge = page_edge(3 * sizeof *edge);
  for (int i = 0; i < 3; i++) SEND(port, i, COOKIE(i));
  count = 1;
  CHECK_OK(port_getn(port, edge, 8, &count, AT_ONCE));
  CHECK_INT(count, 3);
  for (int i = 0; i < 3; i++) CHECK_USER_EVENT(edge[i], i, COOKIE(i));
  CLOSE(port);
}
