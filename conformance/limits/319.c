/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"
#include "conformance/limited.h"

static void check_full_after(int port, int count) {
  for (int i = 0; i < count; i++) SEND(port, i, COOKIE(i));
  CHECK_FAILS(port_send(port, -1, NULL), EAGAIN);
}

ASSERTION(319, 2, "a port keeps the limit it was created with") {
  limit_events(3);
  int three = new_port();
  limit_events(5);
  int five = new_port();
  limit_events(1);
  check_full_after(three, 3);
  check_full_after(five, 5);
  limit_events(0);
  CHECK_FAILS(port_send(three, -1, NULL), EAGAIN);
  CHECK_FAILS(port_send(five, -1, NULL), EAGAIN);
  int more = new_port();
  for (int i = 0; i < 10; i++) SEND(more, i, COOKIE(i));
  CLOSE(three, five, more);
}
