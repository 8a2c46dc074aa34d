/* SPDX-License-Identifier: MIT */
#include "conformance/queues.h"

ASSERTION(277, 1, "a queue that has messages when registered has to be emptied first") {
  int port = new_port();
  mqd_t queue = new_queue();
  put_message(queue);
  NOTIFY(queue, port, COOKIE(277));
  CHECK_SILENT(port);
  put_message(queue);
  CHECK_SILENT(port);
  take_message(queue);
  put_message(queue); /* one was left */
  CHECK_SILENT(port);
  take_message(queue);
  take_message(queue);
  CHECK_SILENT(port);
  put_message(queue);
  CHECK_NEXT_MQ(port, queue, COOKIE(277));
  SETUP(mq_close(queue));
  CLOSE(port);
}
