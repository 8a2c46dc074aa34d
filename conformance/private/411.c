/* SPDX-License-Identifier: MIT */
#include "conformance/privates.h"

/* The port was named by one of two descriptors when the sources were set up. */
static void check_close(int close_first) {
  struct privates privates;
  int port = new_port();
  int other = SETUP(dup(port));
  privates_start(&privates, port);
  CLOSE(close_first ? port : other);
  privates.port = close_first ? other : port;
  privates_fire(&privates);
  check_privates(&privates);
  CHECK_EMPTY(privates.port);
  privates_end(&privates);
  CLOSE(privates.port);
}

ASSERTION(411, 2, "private sources go on as long as their process has a descriptor of the port") {
  check_close(0);
  check_close(1);
}
