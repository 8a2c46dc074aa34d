/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

static void child_body(struct peer *parent, void *arg) {
  int port = *(const int *)arg;
  CHECK_NONE_FOR_US(port); /* one event was queued before the fork */
  peer_step(parent, 'a');
  CHECK_NONE_FOR_US(port); /* and one after it */
  SEND(port, 3, COOKIE(3));
  CHECK_NEXT_USER(port, 3, COOKIE(3));
}

ASSERTION(254, 1, "a child does not receive the completions of its parent's requests") {
  int port = new_port();
  int file = new_filled_file(100);
  struct ends pipe = new_pipe();
  char data[2][16];
  struct peer child;
  struct aiocb before = new_request(file, data[0], 16), after = new_request(pipe.r, data[1], 16);
  START(aio_read, &before, port, COOKIE(1));
  START(aio_read, &after, port, COOKIE(2));
  AWAIT_QUEUED(port, 1);
  child_start(&child, child_body, &port);
  peer_await(&child, 'a');
  put(pipe.w);
  AWAIT_QUEUED(port, 2);
  peer_tell(&child, 'a');
  child_join(&child);
  CHECK_NEXT_AIO(port, &before, kAioRead, COOKIE(1));
  CHECK_NEXT_AIO(port, &after, kAioRead, COOKIE(2));
  CHECK_ENDED(&before, 16);
  CHECK_ENDED(&after, 1);
  CHECK_EMPTY(port);
  CLOSE(port, file, pipe.r, pipe.w);
}
