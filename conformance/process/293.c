/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static void child_body(struct peer *parent, void *arg) {
  int port = *(const int *)arg;
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(293));
  put(pipe.w);
  CHECK_QUEUED(port, 1);
  peer_step(parent, 'a');
}

ASSERTION(293, 2,
          "an event that only a child can retrieve counts in its parent's port_getn(max 0)") {
  int port = new_port();
  struct peer child;
  port_event_t event;
  uint_t count = 1;
  child_start(&child, child_body, &port);
  peer_await(&child, 'a');
  CHECK_QUEUED(port, 1);
  CHECK_OK(port_getn(port, &event, 1, &count, AT_ONCE));
  CHECK_INT(count, 0);
  CHECK_QUEUED(port, 1);
  peer_tell(&child, 'a');
  child_join(&child);
  CHECK_EMPTY(port);
  CLOSE(port);
}
