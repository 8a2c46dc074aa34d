/* SPDX-License-Identifier: MIT */
#include "conformance/privates.h"

/* Fires it under a thread that is blocked in port_get. */
static port_event_t wakes_getter(struct privates *privates, void (*fire)(struct privates *)) {
  struct waiter waiter;
  waiter_get(&waiter, privates->port, NULL);
  fire(privates);
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  return waiter.list[0];
}

static void check_batch(struct privates *privates) {
  struct waiter waiter;
  waiter_getn(&waiter, privates->port, 4, 3, LONG_WAIT);
  fire_timer(privates);
  CHECK_STILL_BLOCKED(&waiter);
  fire_request(privates);
  CHECK_STILL_BLOCKED(&waiter);
  fire_queue(privates);
  waiter_join(&waiter);
  CHECK_INT(waiter.result, 0);
  CHECK_INT(waiter.nget, 3);
}

ASSERTION(402, 1, "a blocked port_get or port_getn wakes for timers, requests and queues") {
  struct privates privates;
  int port = new_port();
  privates_start(&privates, port);
  port_event_t event = wakes_getter(&privates, fire_timer);
  check_event(&event, PORT_SOURCE_TIMER, (uintptr_t)privates.timer, 1, COOKIE(kTimerUser), HERE);
  event = wakes_getter(&privates, fire_request);
  check_event(&event, PORT_SOURCE_AIO, (uintptr_t)&privates.request, kAioRead, COOKIE(kRequestUser),
              HERE);
  event = wakes_getter(&privates, fire_queue);
  check_event(&event, PORT_SOURCE_MQ, (uintptr_t)privates.queue, 0, COOKIE(kQueueUser), HERE);
  privates_end(&privates);

  privates_start(&privates, port);
  check_batch(&privates);
  privates_end(&privates);
  CHECK_EMPTY(port);
  CLOSE(port);
}
