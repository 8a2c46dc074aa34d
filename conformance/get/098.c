/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(98, 1, "a signal that is handled while port_get blocks makes it fail with EINTR") {
  int port = new_port();
  struct waiter waiter;
  count_signal(SIGUSR1, 0);
  waiter_get(&waiter, port, NULL);
  SETUP_PTHREAD(pthread_kill(waiter.task.thread, SIGUSR1));
  waiter_join(&waiter);
  CHECK_WAITER_FAILED(&waiter, EINTR);
  CHECK_INT(signals_counted(), 1);
  CHECK(is_painted(waiter.list, sizeof waiter.list));

  waiter_get(&waiter, port, LONG_WAIT);
  SETUP_PTHREAD(pthread_kill(waiter.task.thread, SIGUSR1));
  waiter_join(&waiter);
  CHECK_WAITER_FAILED(&waiter, EINTR);
  CHECK(is_painted(waiter.list, sizeof waiter.list));
  CLOSE(port);
}
