/* SPDX-License-Identifier: MIT */
#include "conformance/queues.h"

ASSERTION(283, 1, "mq_notify for what is no port fails with EBADF, be it closed or another file") {
  int port = new_port();
  struct ends pipe = new_pipe();
  mqd_t queue = new_queue();
  CHECK_FAILS(try_notify(queue, closed_fd(), COOKIE(1)), EBADF);
  CHECK_FAILS(try_notify(queue, -1, COOKIE(1)), EBADF);
  CHECK_FAILS(try_notify(queue, pipe.r, COOKIE(1)), EBADF);
  NOTIFY(queue, port, COOKIE(2)); /* nothing of the refused ones has stayed */
  put_message(queue);
  CHECK_NEXT_MQ(port, queue, COOKIE(2));
  SETUP(mq_close(queue));
  CLOSE(port, pipe.r, pipe.w);
}
