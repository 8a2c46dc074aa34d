/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(99, 1, "a handler with SA_RESTART makes port_get fail with EINTR all the same") {
  int port = new_port();
  struct waiter waiter;
  count_signal(SIGUSR1, SA_RESTART);
  waiter_get(&waiter, port, NULL);
  SETUP_PTHREAD(pthread_kill(waiter.task.thread, SIGUSR1));
  waiter_join(&waiter);
  CHECK_WAITER_FAILED(&waiter, EINTR);
  CHECK_INT(signals_counted(), 1);
  CLOSE(port);
}
