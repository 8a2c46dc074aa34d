/* SPDX-License-Identifier: MIT */
#include "conformance/queues.h"

/* It registers, closes the queue, and goes on living. */
static void child_body(struct peer *parent, void *arg) {
  mqd_t queue = *(mqd_t *)arg;
  int own = new_port();
  NOTIFY(queue, own, COOKIE(3));
  peer_step(parent, 'a');
  SETUP(mq_close(queue));
  peer_step(parent, 'b');
  CHECK_SILENT(own);
}

ASSERTION(285, 2, "mq_close ends the registration that was made through that descriptor") {
  int port = new_port();
  mqd_t pair[2];
  struct peer child;
  new_queue_pair(pair);
  NOTIFY(pair[0], port, COOKIE(1));
  SETUP(mq_close(pair[0]));
  put_message(pair[1]);
  CHECK_SILENT(port);
  take_message(pair[1]);

  child_start(&child, child_body, &pair[1]);
  peer_await(&child, 'a');
  CHECK_FAILS(try_notify(pair[1], port, COOKIE(2)), EBUSY);
  peer_tell(&child, 'a');
  peer_await(&child, 'b');
  NOTIFY(pair[1], port, COOKIE(4));
  put_message(pair[1]);
  CHECK_NEXT_MQ(port, pair[1], COOKIE(4));
  peer_tell(&child, 'b');
  child_join(&child);
  SETUP(mq_close(pair[1]));
  CLOSE(port);
}
