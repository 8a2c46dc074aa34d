/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(143, 1, "the events of a user event may be any int, also 0 or negative") {
  static const int values[] = {0, INT_MIN, -1, INT_MAX, 1, 0x10000, ~0xffff};
  enum { kValues = sizeof values / sizeof values[0] };
  int port = new_port();
  for (int i = 0; i < kValues; i++) SEND(port, values[i], COOKIE(i));
  for (int i = 0; i < kValues; i++) CHECK_NEXT_USER(port, values[i], COOKIE(i));
  for (int i = 0; i < kValues; i++) {
    CHECK_INT(port_sendn(&port, NULL, 1, values[i], COOKIE(i)), 1);
    CHECK_NEXT_USER(port, values[i], COOKIE(i));
  }
  CHECK_EMPTY(port);
  CLOSE(port);
}
