/* SPDX-License-Identifier: MIT */
/* Polling a port: at once, and in a thread that blocks. */
#ifndef PORTC_CONFORMANCE_POLLER_H
#define PORTC_CONFORMANCE_POLLER_H

#include "conformance/conformance.h"

/* What poll reports of the descriptor now; 0 when that is nothing. */
int polled(int fd, int events);
#define CHECK_POLLED(fd, events, expected) CHECK_INT(polled((fd), (events)), (expected))

/* A thread that makes one poll without a timeout. */
struct poller {
  struct task task;
  struct pollfd item;
  int result;
  int error;
};
/* Starts the thread and returns when it is blocked in the call, which it must. */
void poller_start(struct poller *poller, int fd, int events);
/* Waits until the call has returned; it must report exactly `events`. */
void poller_join(struct poller *poller, int events);

#endif
