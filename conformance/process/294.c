/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

static void child_body(struct peer *parent, void *arg) {
  int port = *(const int *)arg;
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(1));
  put(pipe.w);
  CHECK_QUEUED(port, 1);
  peer_step(parent, 'a');
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(1));
  CHECK_NEXT_USER(port, 4, COOKIE(4));
  CHECK_EMPTY(port);
}

ASSERTION(294, 2,
          "an event at the head that is not deliverable does not block later ones, nor lose its "
          "place") {
  int port = new_port();
  struct ends pipe = new_pipe();
  struct peer child;
  port_event_t list[2];
  uint_t count = 1;
  child_start(&child, child_body, &port);
  peer_await(&child, 'a');
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(5));
  put(pipe.w);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(5));
  SEND(port, 2, COOKIE(2));
  SEND(port, 3, COOKIE(3));
  SEND(port, 4, COOKIE(4));
  CHECK_NEXT_USER(port, 2, COOKIE(2));
  CHECK_OK(port_getn(port, list, 1, &count, AT_ONCE));
  CHECK_INT(count, 1);
  CHECK_USER_EVENT(list[0], 3, COOKIE(3));
  CHECK_QUEUED(port, 2);
  peer_tell(&child, 'a');
  child_join(&child);
  CHECK_EMPTY(port);
  CLOSE(port, pipe.r, pipe.w);
}
