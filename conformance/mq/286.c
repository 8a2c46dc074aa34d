/* SPDX-License-Identifier: MIT */
#include "conformance/queues.h"

static void child_body(struct peer *parent, void *arg) {
  peer_await(parent, 'a');
  put_message(*(mqd_t *)arg);
}

ASSERTION(286, 1, "whoever sends, the event goes to the port that was registered") {
  int port = new_port();
  mqd_t queue = new_queue();
  struct waiter waiter;
  struct peer child;
  child_start(&child, child_body, &queue);
  NOTIFY(queue, port, COOKIE(286));
  waiter_get(&waiter, port, NULL);
  peer_tell(&child, 'a');
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  check_event(&waiter.list[0], PORT_SOURCE_MQ, (uintptr_t)queue, 0, COOKIE(286), HERE);
  child_join(&child);
  CHECK_SILENT(port);
  take_message(queue);
  SETUP(mq_close(queue));
  CLOSE(port);
}
