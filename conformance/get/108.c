/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(108, 3, "a thread blocked through a duplicate of the port's descriptor stays blocked") {
  int port = new_port();
  int copy = SETUP(dup(port));
  struct waiter waiter;
  waiter_get(&waiter, copy, NULL);
  CLOSE(port);
  if (task_settle(&waiter.task)) SEND(copy, 108, COOKIE(108));
  waiter_join(&waiter);
  if (waiter.result == 0) {
    CHECK_USER_EVENT(waiter.list[0], 108, COOKIE(108));
    outcome("blocked");
  } else {
    CHECK_INT(waiter.error, EBADF);
    outcome("EBADF");
  }
  CLOSE(copy);
}
