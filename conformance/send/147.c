/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static void send_twice(struct peer *parent, void *arg) {
  int port = *(int *)arg;
  SEND(port, 1, COOKIE(1));
  peer_tell(parent, 'a');
  peer_await(parent, 'b');
  SEND(port, 2, COOKIE(2));
  peer_await(parent, 'c');
}

ASSERTION(147, 1, "what a child sends to an inherited port, the parent retrieves") {
  int port = new_port();
  struct waiter waiter;
  struct peer child;
  child_start(&child, send_twice, &port);
  peer_await(&child, 'a');
  CHECK_NEXT_USER(port, 1, COOKIE(1));

  waiter_get(&waiter, port, NULL); /* and one that blocks is woken */
  peer_tell(&child, 'b');
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_USER_EVENT(waiter.list[0], 2, COOKIE(2));
  peer_tell(&child, 'c');
  child_join(&child);
  CHECK_EMPTY(port);
  CLOSE(port);
}
