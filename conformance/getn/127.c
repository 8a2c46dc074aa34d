/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(127, 1, "EINTR leaves nget, the list and the queue as they were") {
  int port = new_port();
  struct waiter waiter;
  count_signal(SIGUSR1, 0);
  for (int i = 0; i < 2; i++) SEND(port, i, COOKIE(i));
  waiter_getn(&waiter, port, 10, 5, NULL);
  SETUP_PTHREAD(pthread_kill(waiter.task.thread, SIGUSR1));
  waiter_join(&waiter);
  CHECK_WAITER_FAILED(&waiter, EINTR);
  CHECK_INT(waiter.nget, 5);
  CHECK(is_painted(waiter.list, sizeof waiter.list));
  CHECK_QUEUED(port, 2);
  for (int i = 0; i < 2; i++) CHECK_NEXT_USER(port, i, COOKIE(i));
  CHECK_EMPTY(port);
  CLOSE(port);
}
