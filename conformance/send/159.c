/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

enum { kEntries = 10000 };

ASSERTION(159, 2, "port_sendn takes a list of 10000 ports") {
  static int ports[kEntries], errors[kEntries];
  static port_event_t list[kEntries];
  int port = new_port();
  uint_t count = kEntries;
  for (int i = 0; i < kEntries; i++) ports[i] = port;
  paint(errors, sizeof errors);
  CHECK_INT(port_sendn(ports, errors, kEntries, 159, COOKIE(159)), kEntries);
  CHECK(is_painted(errors, sizeof errors));
  CHECK_QUEUED(port, kEntries);
  CHECK_OK(port_getn(port, list, kEntries, &count, AT_ONCE));
  CHECK_INT(count, kEntries);
  for (int i = 0; i < kEntries; i++) CHECK_USER_EVENT(list[i], 159, COOKIE(159));
  CHECK_EMPTY(port);
  CLOSE(port);
}
