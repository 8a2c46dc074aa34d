/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(100, 2, "signals that are ignored or blocked do not disturb port_get") {
  int port = new_port();
  struct waiter waiter;
  sigset_t blocked;
  count_signal(SIGUSR1, 0);
  SETUP(signal(SIGUSR2, SIG_IGN) == SIG_ERR ? -1 : 0);
  SETUP(signal(SIGCHLD, SIG_DFL) == SIG_ERR ? -1 : 0);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  SETUP_PTHREAD(pthread_sigmask(SIG_BLOCK, &blocked, NULL)); /* and thus in the waiter */

  waiter_get(&waiter, port, NULL);
  SETUP_PTHREAD(pthread_kill(waiter.task.thread, SIGUSR2));
  CHECK_STILL_BLOCKED(&waiter);
  SETUP_PTHREAD(pthread_kill(waiter.task.thread, SIGCHLD));
  CHECK_STILL_BLOCKED(&waiter);
  SETUP_PTHREAD(pthread_kill(waiter.task.thread, SIGUSR1));
  CHECK_STILL_BLOCKED(&waiter);
  SEND(port, 100, COOKIE(100));
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_USER_EVENT(waiter.list[0], 100, COOKIE(100));
  CHECK_INT(signals_counted(), 0);
  CLOSE(port);
}
