/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static void child_body(struct peer *parent, void *arg) {
  int port = *(const int *)arg;
  for (int i = 0; i < 3; i++) SEND(port, i, COOKIE(i));
  (void)parent;
}

ASSERTION(300, 1, "user events stay queued when the process that sent them exits") {
  int port = new_port();
  struct peer child;
  child_start(&child, child_body, &port);
  child_join(&child);
  CHECK_QUEUED(port, 3);
  for (int i = 0; i < 3; i++) CHECK_NEXT_USER(port, i, COOKIE(i));
  CHECK_EMPTY(port);
  CLOSE(port);
}
