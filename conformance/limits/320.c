/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"
#include "conformance/limited.h"

enum { kDefault = 65536 };

ASSERTION(320, 2, "a port takes 65536 events by default") {
  static port_event_t list[kDefault + 1];
  uint_t count = kDefault;
  limit_events(0);
  int port = new_port();
  for (int i = 0; i < kDefault; i++) SEND(port, i, COOKIE(i));
  CHECK_FAILS(port_send(port, -1, NULL), EAGAIN);
  CHECK_QUEUED(port, kDefault);
  CHECK_OK(port_getn(port, list, kDefault + 1, &count, AT_ONCE));
  CHECK_INT(count, kDefault);
  for (int i = 0; i < kDefault; i++) CHECK_USER_EVENT(list[i], i, COOKIE(i));
  CHECK_EMPTY(port);
  CLOSE(port);
}
