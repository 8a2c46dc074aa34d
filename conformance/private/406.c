/* SPDX-License-Identifier: MIT */
#include "conformance/privates.h"

static void owner_body(struct peer *parent, void *arg) {
  struct privates fired, pending;
  int port = *(const int *)arg;
  privates_start(&fired, port);
  privates_start(&pending, port);
  privates_fire(&fired);
  CLOSE(port);
  peer_step(parent, 'a');
  /* What it had made goes on without the port. */
  fire_timer(&pending);
  fire_request(&pending);
  fire_queue(&pending);
  AWAIT_ENDED(&pending.request);
  peer_step(parent, 'b');
  privates_end(&fired);
  privates_end(&pending);
}

ASSERTION(406, 1,
          "when its owner closes the port, private events vanish; another process goes on") {
  int port = new_port();
  struct peer child;
  SEND(port, 1, COOKIE(1));
  child_start(&child, owner_body, &port);
  peer_await(&child, 'a');
  CHECK_QUEUED(port, 1);
  peer_tell(&child, 'a');
  peer_await(&child, 'b');
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_SILENT(port);
  peer_tell(&child, 'b');
  child_join(&child);
  CHECK_EMPTY(port);
  CLOSE(port);
}
