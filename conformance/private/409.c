/* SPDX-License-Identifier: MIT */
#include "conformance/privates.h"

/* All at once, since what the other process queues meanwhile counts as well. */
static void fire_and_take(struct privates *privates) {
  fire_timer(privates);
  fire_request(privates);
  fire_queue(privates);
  for (int n = 0; n < kPrivates; n++) {
    port_event_t event = NEXT(privates->port);
    CHECK(event.portev_object == (uintptr_t)privates->timer ||
          event.portev_object == (uintptr_t)&privates->request ||
          event.portev_object == (uintptr_t)privates->queue);
  }
}

/* Parent and child use the same port at the same time, each for itself. */
static void child_body(struct peer *parent, void *arg) {
  static struct privates privates;
  privates_start(&privates, *(const int *)arg);
  peer_step(parent, 'a');
  fire_and_take(&privates);
  privates_end(&privates);
  peer_step(parent, 'b');
}

ASSERTION(409, 1,
          "parent and child have private sources on one port, and each gets its own events") {
  static struct privates privates;
  int port = new_port();
  struct peer child;
  privates_start(&privates, port);
  child_start(&child, child_body, &port);
  peer_await(&child, 'a');
  peer_tell(&child, 'a');
  fire_and_take(&privates);
  peer_await(&child, 'b');
  CHECK_SILENT(port);
  peer_tell(&child, 'b');
  child_join(&child);
  privates_end(&privates);
  CHECK_EMPTY(port);
  CLOSE(port);
}
