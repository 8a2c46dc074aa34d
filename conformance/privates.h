/* SPDX-License-Identifier: MIT */
/*
 * One of each private source on a port: a timer, a request on a pipe, a message queue. Their
 * events belong to the process that asked for them.
 */
#ifndef PORTC_CONFORMANCE_PRIVATES_H
#define PORTC_CONFORMANCE_PRIVATES_H

#include "conformance/queues.h"
#include "conformance/requests.h"
#include "conformance/timers.h"

enum { kPrivates = 3, kTimerUser = 501, kRequestUser = 502, kQueueUser = 503 };

struct privates {
  int port;
  timer_t timer;
  struct ends pipe;
  struct aiocb request;
  char data[16];
  mqd_t queue;
};

/* Sets all three up; nothing fires until it is made to. May not be moved afterwards. */
void privates_start(struct privates *privates, int port);
/* Makes one or all of them fire. */
void fire_timer(struct privates *privates);
void fire_request(struct privates *privates);
void fire_queue(struct privates *privates);
void privates_fire(struct privates *privates);
/* The events come, in this order. */
void check_privates(struct privates *privates);
/* Gives everything back but the port; the request must have ended. */
void privates_end(struct privates *privates);

#endif
