/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"
#include "conformance/poller.h"

static void send_one(struct peer *parent, void *arg) {
  peer_await(parent, 'a');
  SEND(*(int *)arg, 3, COOKIE(3));
}

ASSERTION(308, 1, "a thread that polls a port wakes for events of every source") {
  int port = new_port();
  struct ends pipe = new_pipe();
  struct poller poller, other;
  struct peer child;
  child_start(&child, send_one, &port);

  poller_start(&poller, port, POLLIN);
  poller_start(&other, port, POLLIN);
  SEND(port, 1, COOKIE(1));
  poller_join(&poller, POLLIN);
  poller_join(&other, POLLIN);
  CHECK_NEXT_USER(port, 1, COOKIE(1));

  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(2));
  poller_start(&poller, port, POLLIN);
  put(pipe.w);
  poller_join(&poller, POLLIN);
  CHECK_NEXT_FD(port, pipe.r, POLLIN, COOKIE(2));

  poller_start(&poller, port, POLLIN);
  peer_tell(&child, 'a');
  poller_join(&poller, POLLIN);
  CHECK_NEXT_USER(port, 3, COOKIE(3));
  child_join(&child);
  CLOSE(port, pipe.r, pipe.w);
}
