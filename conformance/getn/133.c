/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

enum { kEvents = 10000, kRoom = 20000 };

ASSERTION(133, 2, "one port_getn fetches 10000 events into a list of 20000") {
  int port = new_port();
  static port_event_t list[kRoom];
  uint_t count = kEvents;
  for (int i = 0; i < kEvents; i++) SEND(port, i, COOKIE(i));
  CHECK_QUEUED(port, kEvents);
  CHECK_OK(port_getn(port, list, kRoom, &count, AT_ONCE));
  CHECK_INT(count, kEvents);
  for (int i = 0; i < kEvents; i++) CHECK_USER_EVENT(list[i], i, COOKIE(i));
  CHECK_EMPTY(port);
  CLOSE(port);
}
