/* SPDX-License-Identifier: MIT */
#include "conformance/queues.h"

/* Linux has always answered with success, and programs without a port rely on Linux. */
static void check_end(mqd_t queue) {
  errno = 0;
  if (mq_notify(queue, NULL) != 0)
    CHECK_INT(errno, EBUSY);
  else
    deviation("mq-notify-null");
}

ASSERTION(281, 2, "ending a registration that is not there fails with EBUSY, or changes nothing") {
  int port = new_port();
  mqd_t queue = new_queue();
  check_end(queue);
  NOTIFY(queue, port, COOKIE(1));
  put_message(queue);
  CHECK_NEXT_MQ(port, queue, COOKIE(1));
  check_end(queue); /* it has fired */
  take_message(queue);
  NOTIFY(queue, port, COOKIE(2));
  CHECK_ZERO(mq_notify(queue, NULL));
  check_end(queue);
  put_message(queue);
  CHECK_SILENT(port);
  SETUP(mq_close(queue));
  CLOSE(port);
}
