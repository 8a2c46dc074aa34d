/* SPDX-License-Identifier: MIT */
/* Timers whose expirations go to a port. */
#ifndef PORTC_CONFORMANCE_TIMERS_H
#define PORTC_CONFORMANCE_TIMERS_H

#include "conformance/notify.h"

/* timer_create, which must succeed; CLOCK_MONOTONIC. */
#define NEW_TIMER(port, user) new_timer((port), (user), HERE)
timer_t new_timer(int port, void *user, const char *file, int line);
/* The call itself: 0 or -1. */
int try_timer(clockid_t clock, int port, void *user, timer_t *timer);

/* Milliseconds from now to the first expiration, and from one to the next (0: only one). */
#define ARM(timer, first, interval) arm_timer((timer), (first), (interval), HERE)
#define DISARM(timer) ARM((timer), 0, 0)
void arm_timer(timer_t timer, long first, long interval, const char *file, int line);

/* The next event is that timer's. */
#define CHECK_NEXT_TIMER(port, timer, events, user) \
  check_next((port), PORT_SOURCE_TIMER, (uintptr_t)(timer), (events), (user), HERE)

#define DELETE_TIMER(timer) CHECK_ZERO(timer_delete(timer))

#endif
