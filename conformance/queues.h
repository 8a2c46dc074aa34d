/* SPDX-License-Identifier: MIT */
/* Message queues that notify a port. */
#ifndef PORTC_CONFORMANCE_QUEUES_H
#define PORTC_CONFORMANCE_QUEUES_H

#include <mqueue.h>

#include "conformance/notify.h"

/* A queue of a few small messages, empty; its name is gone already, so that nothing stays. */
mqd_t new_queue(void);
/* Two descriptors of one queue. */
void new_queue_pair(mqd_t pair[2]);

void put_message(mqd_t queue);
void take_message(mqd_t queue); /* waits for one */

/* mq_notify with SIGEV_PORT: 0 or -1. */
int try_notify(mqd_t queue, int port, void *user);
#define NOTIFY(queue, port, user) check_zero(try_notify((queue), (port), (user)), "mq_notify", HERE)

/* The next event is that queue's. */
#define CHECK_NEXT_MQ(port, queue, user) \
  check_next((port), PORT_SOURCE_MQ, (uintptr_t)(queue), 0, (user), HERE)

#endif
