/* SPDX-License-Identifier: MIT */
#include "conformance/poller.h"
#include "conformance/privates.h"

static void wakes_poller(struct privates *privates, void (*fire)(struct privates *)) {
  struct poller poller;
  CHECK_POLLED(privates->port, POLLIN, 0);
  poller_start(&poller, privates->port, POLLIN);
  fire(privates);
  poller_join(&poller, POLLIN);
  CHECK_POLLED(privates->port, POLLIN, POLLIN);
}

ASSERTION(403, 1, "poll of a port wakes for timers, requests and queues, and is exact about them") {
  struct privates privates;
  int port = new_port();
  privates_start(&privates, port);
  wakes_poller(&privates, fire_timer);
  CHECK_NEXT_TIMER(port, privates.timer, 1, COOKIE(kTimerUser));
  wakes_poller(&privates, fire_request);
  CHECK_NEXT_AIO(port, &privates.request, kAioRead, COOKIE(kRequestUser));
  wakes_poller(&privates, fire_queue);
  CHECK_NEXT_MQ(port, privates.queue, COOKIE(kQueueUser));
  CHECK_POLLED(port, POLLIN, 0);
  privates_end(&privates);
  CLOSE(port);
}
