/* SPDX-License-Identifier: MIT */
/* Message queues. */
#include "tests/faults/parts.h"

static void for_queues(struct world *w) {
  struct mq_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.mq_maxmsg = 2;
  attributes.mq_msgsize = 8;
  a_port(w);
  tell(w);
  snprintf(w->name, sizeof w->name, "/portc-faults-%d", (int)getpid());
  w->queue = mq_open(w->name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attributes);
  CHECK(w->queue >= 0 && mq_unlink(w->name) == 0);
}

static int register_queue(struct world *w) { return mq_notify(w->queue, &w->told); }

static void a_registration(struct world *w) {
  for_queues(w);
  CHECK(register_queue(w) == 0);
}

static void a_message(struct world *w) {
  a_registration(w);
  CHECK(mq_send(w->queue, "m", 1, 0) == 0);
}

static int end_registration(struct world *w) { return mq_notify(w->queue, NULL); }

static void queue_works(struct world *w) {
  CHECK(mq_send(w->queue, "m", 1, 0) == 0);
  takes(w, PORT_SOURCE_MQ);
}

const struct scene mq_scenes[] = {
    {"get a message", "port_get", get_patiently, a_message, took, NULL, 0, 0},
    {"mq_notify", "mq_notify", register_queue, for_queues, queue_works, NULL, 0, 0},
    {"mq_notify, ended", "mq_notify", end_registration, a_registration, NULL, NULL, 0, 0},
    {NULL, NULL, NULL, NULL, NULL, NULL, 0, 0}};
