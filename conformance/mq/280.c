/* SPDX-License-Identifier: MIT */
#include "conformance/queues.h"

static void child_body(struct peer *parent, void *arg) {
  mqd_t queue = *(mqd_t *)arg;
  int own = new_port();
  NOTIFY(queue, own, COOKIE(2));
  peer_step(parent, 'a');
  CHECK_NEXT_MQ(own, queue, COOKIE(2));
}

ASSERTION(280, 1, "mq_notify without a sigevent ends the registration, and others can register") {
  int port = new_port();
  mqd_t queue = new_queue();
  struct peer child;
  NOTIFY(queue, port, COOKIE(1));
  CHECK_ZERO(mq_notify(queue, NULL));
  put_message(queue);
  CHECK_SILENT(port);
  take_message(queue);

  child_start(&child, child_body, &queue);
  peer_await(&child, 'a');
  put_message(queue);
  peer_tell(&child, 'a');
  child_join(&child);
  CHECK_SILENT(port);
  take_message(queue);

  NOTIFY(queue, port, COOKIE(3)); /* and the same process again */
  put_message(queue);
  CHECK_NEXT_MQ(port, queue, COOKIE(3));
  SETUP(mq_close(queue));
  CLOSE(port);
}
