/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static void send_and_exit(struct peer *parent, void *arg) {
  int port = *(int *)arg;
  (void)parent;
  SEND(port, 2, COOKIE(2));
  SEND(port, 3, COOKIE(3));
}

static void send_from_thread(void *arg) { SEND(*(int *)arg, 4, COOKIE(4)); }

ASSERTION(148, 1, "an event outlives the process, or the thread, that sent it") {
  int port = new_port();
  struct peer child;
  struct task task;
  SEND(port, 1, COOKIE(1));
  child_start(&child, send_and_exit, &port);
  child_join(&child);
  task_start(&task, send_from_thread, &port);
  task_join(&task);
  CHECK_QUEUED(port, 4);
  for (int i = 1; i <= 4; i++) CHECK_NEXT_USER(port, i, COOKIE(i));
  CHECK_EMPTY(port);
  CLOSE(port);
}
