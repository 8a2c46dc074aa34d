/* SPDX-License-Identifier: MIT */
#include "conformance/limited.h"
#include "conformance/timers.h"

ASSERTION(269, 2,
          "each timer takes room in its port; when there is none, timer_create gives EAGAIN") {
  int port = new_limited_port(2);
  timer_t first = NEW_TIMER(port, COOKIE(1)), second = NEW_TIMER(port, COOKIE(2)), third;
  CHECK_FAILS(try_timer(CLOCK_MONOTONIC, port, COOKIE(3), &third), EAGAIN);
  CHECK_FAILS(port_send(port, 1, NULL), EAGAIN);
  ARM(first, 1, 1); /* its events need no more */
  ARM(second, 1, 0);
  AWAIT_QUEUED(port, 2);
  CHECK_FAILS(port_send(port, 1, NULL), EAGAIN);

  DELETE_TIMER(first);
  third = NEW_TIMER(port, COOKIE(3));
  CHECK_NEXT_TIMER(port, second, 1, COOKIE(2));
  CHECK_FAILS(port_send(port, 1, NULL), EAGAIN); /* retrieving frees no room, deleting does */
  DELETE_TIMER(second);
  DELETE_TIMER(third);
  SEND(port, 1, COOKIE(1));
  SEND(port, 2, COOKIE(2));
  CHECK_FAILS(port_send(port, 3, NULL), EAGAIN);
  CLOSE(port);
}
