/* SPDX-License-Identifier: MIT */
#include "conformance/privates.h"

void privates_start(struct privates *privates, int port) {
  privates->port = port;
  privates->timer = NEW_TIMER(port, COOKIE(kTimerUser));
  privates->pipe = new_pipe();
  privates->request = new_request(privates->pipe.r, privates->data, sizeof privates->data);
  START(aio_read, &privates->request, port, COOKIE(kRequestUser));
  privates->queue = new_queue();
  NOTIFY(privates->queue, port, COOKIE(kQueueUser));
}

void fire_timer(struct privates *privates) { ARM(privates->timer, 1, 0); }

void fire_request(struct privates *privates) { put(privates->pipe.w); }

void fire_queue(struct privates *privates) { put_message(privates->queue); }

/* One after the other, so that their order is known. */
void privates_fire(struct privates *privates) {
  uint_t before = queued(privates->port);
  fire_timer(privates);
  AWAIT_QUEUED(privates->port, before + 1);
  fire_request(privates);
  AWAIT_QUEUED(privates->port, before + 2);
  fire_queue(privates);
  AWAIT_QUEUED(privates->port, before + 3);
}

void check_privates(struct privates *privates) {
  CHECK_NEXT_TIMER(privates->port, privates->timer, 1, COOKIE(kTimerUser));
  CHECK_NEXT_AIO(privates->port, &privates->request, kAioRead, COOKIE(kRequestUser));
  CHECK_NEXT_MQ(privates->port, privates->queue, COOKIE(kQueueUser));
}

void privates_end(struct privates *privates) {
  DELETE_TIMER(privates->timer);
  CHECK_ENDED(&privates->request, 1);
  SETUP(mq_close(privates->queue));
  CLOSE(privates->pipe.r, privates->pipe.w);
}
