/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

ASSERTION(264, 1, "timer_delete takes the timer's queued event away, and no other") {
  int port = new_port();
  timer_t first = NEW_TIMER(port, COOKIE(1)), second = NEW_TIMER(port, COOKIE(2));
  SEND(port, 3, COOKIE(3));
  ARM(first, 1, 0);
  AWAIT_QUEUED(port, 2);
  ARM(second, 1, 1);
  AWAIT_QUEUED(port, 3);
  DELETE_TIMER(first);
  CHECK_QUEUED(port, 2);
  CHECK_NEXT_USER(port, 3, COOKIE(3));
  port_event_t event = CHECK_NEXT_FROM(port, PORT_SOURCE_TIMER, COOKIE(2));
  CHECK_PTR(event.portev_object, second);

  AWAIT_QUEUED(port, 1);
  DELETE_TIMER(second);
  CHECK_SILENT(port);
  CLOSE(port);
}
