/* SPDX-License-Identifier: MIT */
#include "conformance/queues.h"

ASSERTION(276, 1, "a registration is good for one event; after that it has to be made anew") {
  int port = new_port();
  mqd_t queue = new_queue();
  for (int i = 0; i < 3; i++) {
    NOTIFY(queue, port, COOKIE(i));
    put_message(queue);
    CHECK_NEXT_MQ(port, queue, COOKIE(i));
    take_message(queue);
    put_message(queue); /* empty, and not any more */
    CHECK_SILENT(port);
    take_message(queue);
  }
  SETUP(mq_close(queue));
  CLOSE(port);
}
