/* SPDX-License-Identifier: MIT */
#include "conformance/queues.h"

ASSERTION(274, 1, "a message that comes to an empty queue makes an event with the user value") {
  int port = new_port();
  mqd_t queue = new_queue();
  NOTIFY(queue, port, COOKIE(274));
  CHECK_SILENT(port);
  put_message(queue);
  CHECK_NEXT_FROM(port, PORT_SOURCE_MQ, COOKIE(274));
  CHECK_SILENT(port);
  take_message(queue); /* it is still there */
  SETUP(mq_close(queue));
  CLOSE(port);
}
