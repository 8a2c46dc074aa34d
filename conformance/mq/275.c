/* SPDX-License-Identifier: MIT */
#include "conformance/queues.h"

ASSERTION(275, 1, "portev_object is the queue's descriptor, and portev_events is 0") {
  int port = new_port();
  mqd_t first = new_queue(), second = new_queue();
  NOTIFY(first, port, COOKIE(1));
  NOTIFY(second, port, NULL);
  put_message(second);
  CHECK_NEXT_MQ(port, second, NULL);
  put_message(first);
  CHECK_NEXT_MQ(port, first, COOKIE(1));
  CHECK_EMPTY(port);
  SETUP(mq_close(first));
  SETUP(mq_close(second));
  CLOSE(port);
}
