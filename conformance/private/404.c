/* SPDX-License-Identifier: MIT */
#include "conformance/privates.h"

/* Its events stand before and between those that the parent can have. */
static void child_body(struct peer *parent, void *arg) {
  struct privates privates;
  int port = *(const int *)arg;
  privates_start(&privates, port);
  fire_timer(&privates);
  AWAIT_QUEUED(port, 1);
  SEND(port, 1, COOKIE(1));
  fire_request(&privates);
  AWAIT_QUEUED(port, 3);
  SEND(port, 2, COOKIE(2));
  fire_queue(&privates);
  AWAIT_QUEUED(port, 5);
  peer_step(parent, 'a');
  check_privates(&privates);
  CHECK_EMPTY(port);
  privates_end(&privates);
  peer_step(parent, 'b');
}

ASSERTION(404, 1,
          "private events of another process are counted, and skipped where they stand: they keep "
          "their order and hold nobody up") {
  int port = new_port();
  struct peer child;
  struct waiter waiter;
  child_start(&child, child_body, &port);
  peer_await(&child, 'a');
  CHECK_QUEUED(port, 5);
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_NEXT_USER(port, 2, COOKIE(2));
  CHECK_NONE_FOR_US(port);
  CHECK_QUEUED(port, 3);

  waiter_get(&waiter, port, NULL);
  SEND(port, 3, COOKIE(3));
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_USER_EVENT(waiter.list[0], 3, COOKIE(3));
  peer_tell(&child, 'a');
  peer_await(&child, 'b');
  CHECK_EMPTY(port);
  peer_tell(&child, 'b');
  child_join(&child);
  CLOSE(port);
}
