/* SPDX-License-Identifier: MIT */
#include "conformance/queues.h"

static void child_body(struct peer *parent, void *arg) {
  int port = *(const int *)arg;
  CHECK_NONE_FOR_US(port); /* one event was queued before the fork */
  peer_step(parent, 'a');
  CHECK_NONE_FOR_US(port); /* and one after it */
  SEND(port, 3, COOKIE(3));
  CHECK_NEXT_USER(port, 3, COOKIE(3));
}

ASSERTION(284, 1, "a child cannot retrieve its parent's events of message queues; the parent can") {
  int port = new_port();
  mqd_t before = new_queue(), after = new_queue();
  struct peer child;
  NOTIFY(before, port, COOKIE(1));
  NOTIFY(after, port, COOKIE(2));
  put_message(before);
  AWAIT_QUEUED(port, 1);
  child_start(&child, child_body, &port);
  peer_await(&child, 'a');
  put_message(after);
  AWAIT_QUEUED(port, 2);
  peer_tell(&child, 'a');
  child_join(&child);
  CHECK_NEXT_MQ(port, before, COOKIE(1));
  CHECK_NEXT_MQ(port, after, COOKIE(2));
  CHECK_EMPTY(port);
  SETUP(mq_close(before));
  SETUP(mq_close(after));
  CLOSE(port);
}
