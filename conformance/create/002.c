/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(2, 2, "port_create takes the lowest descriptor number that is free") {
  int first = SETUP(dup(STDIN_FILENO));
  int gap = SETUP(dup(STDIN_FILENO));
  int last = SETUP(dup(STDIN_FILENO));
  CLOSE(gap);
  int in_gap = port_create();
  CHECK_INT(in_gap, gap);
  int lowest = SETUP(dup(STDIN_FILENO));
  CLOSE(lowest);
  int next = port_create();
  CHECK_INT(next, lowest);
  CLOSE(next, in_gap, first, last);
}
