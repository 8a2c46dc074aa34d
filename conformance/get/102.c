/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(102, 1, "EINTR loses nothing: what is sent afterwards is retrieved, once") {
  int port = new_port();
  struct waiter waiter;
  count_signal(SIGUSR1, 0);
  waiter_get(&waiter, port, NULL);
  SETUP_PTHREAD(pthread_kill(waiter.task.thread, SIGUSR1));
  waiter_join(&waiter);
  CHECK_WAITER_FAILED(&waiter, EINTR);
  SEND(port, 102, COOKIE(102));
  CHECK_NEXT_USER(port, 102, COOKIE(102));
  CHECK_EMPTY(port);
  CLOSE(port);
}
