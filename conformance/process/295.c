/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static void child_body(struct peer *parent, void *arg) {
  int port = *(const int *)arg;
  struct ends pipe = new_pipe(), other = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  ASSOCIATE(port, other.r, POLLIN, COOKIE(2));
  put(pipe.w);
  CHECK_QUEUED(port, 1);
  peer_step(parent, 'a');
  put(other.w);
  CHECK_QUEUED(port, 2);
  peer_step(parent, 'b');
}

ASSERTION(295, 2,
          "port_get that finds only events of another process blocks until its own comes, or fails "
          "with ETIME") {
  int port = new_port();
  struct ends pipe = new_pipe();
  struct peer child;
  struct waiter waiter;
  child_start(&child, child_body, &port);
  peer_await(&child, 'a');
  waiter_get(&waiter, port, NULL);
  peer_tell(&child, 'a');
  peer_await(&child, 'b'); /* one more foreign event, under the blocked call */
  CHECK_STILL_BLOCKED(&waiter);
  SEND(port, 295, COOKIE(295));
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_USER_EVENT(waiter.list[0], 295, COOKIE(295));

  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(3));
  waiter_get(&waiter, port, LONG_WAIT);
  put(pipe.w);
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_FD_EVENT(waiter.list[0], pipe.r, POLLIN, COOKIE(3));

  waiter_get(&waiter, port, MS(100));
  waiter_join(&waiter);
  CHECK_WAITER_FAILED(&waiter, ETIME);
  CHECK(waiter.elapsed >= 100);
  CHECK_QUEUED(port, 2);
  peer_tell(&child, 'b');
  child_join(&child);
  CLOSE(port, pipe.r, pipe.w);
}
