/* SPDX-License-Identifier: MIT */
#include "conformance/queues.h"

ASSERTION(282, 1, "mq_notify for what is no message queue fails with EBADF") {
  int port = new_port();
  struct ends pipe = new_pipe();
  mqd_t queue = new_queue();
  SETUP(mq_close(queue));
  CHECK_FAILS(try_notify(queue, port, COOKIE(1)), EBADF);
  CHECK_FAILS(try_notify((mqd_t)-1, port, COOKIE(1)), EBADF);
  CHECK_FAILS(try_notify((mqd_t)(intptr_t)pipe.r, port, COOKIE(1)), EBADF);
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
