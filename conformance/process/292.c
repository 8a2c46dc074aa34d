/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

/* Both processes open a pipe after the fork, so that the numbers are the same, if not the files. */
static void child_body(struct peer *parent, void *arg) {
  int port = *(const int *)arg;
  struct ends pipe = new_pipe(), other = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  ASSOCIATE(port, other.r, POLLIN, COOKIE(2));
  put(pipe.w);
  CHECK_QUEUED(port, 1);
  peer_step(parent, 'a');
  put(other.w);
  peer_step(parent, 'b');
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(1));
  CHECK_NEXT_FD(port, other.r, POLLIN, COOKIE(2));
  CHECK_EMPTY(port);
}

static void check_none(int port) {
  port_event_t event;
  uint_t count = 1;
  CHECK_OK(port_getn(port, &event, 1, &count, AT_ONCE));
  CHECK_INT(count, 0);
  CHECK_FAILS(port_get(port, &event, AT_ONCE), ETIME);
}

ASSERTION(292, 1,
          "events of a descriptor that a child opened and associated reach the child, and never "
          "the parent") {
  int port = new_port();
  struct peer child;
  child_start(&child, child_body, &port);
  struct ends pipe = new_pipe();
  peer_await(&child, 'a');
  check_none(port);
  peer_tell(&child, 'a');
  peer_await(&child, 'b');
  check_none(port);
  peer_tell(&child, 'b');
  child_join(&child);
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
