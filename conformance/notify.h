/* SPDX-License-Identifier: MIT */
/* What the tests of timers, asynchronous I/O and message queues share: SIGEV_PORT. */
#ifndef PORTC_CONFORMANCE_NOTIFY_H
#define PORTC_CONFORMANCE_NOTIFY_H

#include "conformance/conformance.h"

/* A sigevent that notifies a port. The target has to live until the call that takes both. */
struct sigevent port_sigevent(port_notify_t *target, int port, void *user);
struct sigevent no_sigevent(void);

/* Returns 0; unlike the port's own calls it may change errno on the way. */
#define CHECK_ZERO(call) check_zero((call), #call, HERE)
void check_zero(int result, const char *text, const char *file, int line);

/* The next event comes in time, from that source, with that user value; the rest is not looked
 * at. */
#define CHECK_NEXT_FROM(port, source, user) check_next_from((port), (source), (user), HERE)
port_event_t check_next_from(int port, int source, void *user, const char *file, int line);

/* Waits until so many events are queued, without retrieving any; at most five seconds. */
#define AWAIT_QUEUED(port, n) await_queued((port), (n), HERE)
void await_queued(int port, uint_t n, const char *file, int line);

/* Nothing can be retrieved, now or within 60 ms: for events that could only come late. */
#define CHECK_SILENT(port) check_silent((port), HERE)
void check_silent(int port, const char *file, int line);

/* Nothing can be retrieved, although something may be queued for another process. */
#define CHECK_NONE_FOR_US(port) check_none_for_us((port), HERE)
void check_none_for_us(int port, const char *file, int line);

/* Lets the clock run on to `then`, as now_ms() counts. */
void pass_until(double then);

#endif
