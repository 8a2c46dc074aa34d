/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

/* arg: a port that the parent created, and one that this process did, before exec. */
INNER(process_301) {
  for (int i = 0; i < 2; i++) {
    CHECK_QUEUED(arg[i], 2);
    CHECK_NEXT_USER(arg[i], 1, COOKIE(1));
    CHECK_NEXT_USER(arg[i], -2, COOKIE(2));
    SEND(arg[i], 3, COOKIE(3));
  }
  CHECK_NEXT_USER(arg[1], 3, COOKIE(3));
  (void)parent;
}

static void send_two(int port) {
  SEND(port, 1, COOKIE(1));
  SEND(port, -2, COOKIE(2));
}

static void child_body(struct peer *parent, void *arg) {
  int inherited = *(const int *)arg;
  int own = new_port();
  send_two(own);
  exec_inner(parent, "process_301", 2, inherited, own);
}

ASSERTION(301, 1,
          "a port survives exec; the new image retrieves queued user events through the inherited "
          "number") {
  int port = new_port();
  struct peer child;
  send_two(port);
  child_start(&child, child_body, &port);
  child_join(&child);
  CHECK_NEXT_USER(port, 3, COOKIE(3));
  CHECK_EMPTY(port);
  CLOSE(port);
}
