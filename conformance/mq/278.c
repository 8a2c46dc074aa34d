/* SPDX-License-Identifier: MIT */
#include "conformance/queues.h"

static void receive(void *arg) { take_message(*(mqd_t *)arg); }

ASSERTION(278, 1, "a blocked mq_receive takes the message: no event, and the registration stays") {
  int port = new_port();
  mqd_t queue = new_queue();
  struct task task;
  NOTIFY(queue, port, COOKIE(278));
  for (int i = 0; i < 2; i++) {
    task_start(&task, receive, &queue);
    CHECK(task_settle(&task));
    put_message(queue);
    task_join(&task);
    CHECK_SILENT(port);
    CHECK_FAILS(try_notify(queue, port, COOKIE(1)), EBUSY);
  }
  put_message(queue);
  CHECK_NEXT_MQ(port, queue, COOKIE(278));
  SETUP(mq_close(queue));
  CLOSE(port);
}
