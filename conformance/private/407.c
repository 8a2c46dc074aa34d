/* SPDX-License-Identifier: MIT */
#include "conformance/privates.h"

/* arg: the port, and the pipe and the queue of before exec. The queue's number may be closed. */
INNER(private_407) {
  struct privates privates;
  put(arg[1]);
  CHECK_SILENT(arg[0]);
  privates_start(&privates, arg[0]);
  privates_fire(&privates);
  check_privates(&privates);
  privates_end(&privates);
  CHECK_SILENT(arg[0]);
  (void)parent;
}

static void child_body(struct peer *parent, void *arg) {
  static struct privates privates;
  int port = *(const int *)arg;
  privates_start(&privates, port);
  ARM(privates.timer, 20, 5);
  exec_inner(parent, "private_407", 2, port, privates.pipe.w);
}

ASSERTION(407, 1,
          "exec ends timers, requests and registrations: nothing of them comes to the new image, "
          "which can make its own") {
  int port = new_port();
  struct peer child;
  child_start(&child, child_body, &port);
  child_join(&child);
  CHECK_EMPTY(port);
  CLOSE(port);
}
