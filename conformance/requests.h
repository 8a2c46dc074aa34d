/* SPDX-License-Identifier: MIT */
/* Asynchronous I/O whose completion goes to a port. */
#ifndef PORTC_CONFORMANCE_REQUESTS_H
#define PORTC_CONFORMANCE_REQUESTS_H

#include <aio.h>

#include "conformance/notify.h"

/* What portev_events says; illumos has the names in <sys/aio.h>. */
enum { kAioList = 7, kAioRead = 11, kAioWrite = 12, kAioSync = 20 };

/* A request at offset 0 that notifies nobody yet. */
struct aiocb new_request(int fd, void *data, size_t size);

/* Starts a request, which must be accepted: aio_read or aio_write. */
#define START(call, request, port, user) start((call), #call, (request), (port), (user), HERE)
void start(int (*call)(struct aiocb *), const char *text, struct aiocb *request, int port,
           void *user, const char *file, int line);

/* The next event is that request's. */
#define CHECK_NEXT_AIO(port, request, events, user) \
  check_next((port), PORT_SOURCE_AIO, (uintptr_t)(request), (events), (user), HERE)

/* The request has ended: its number of bytes, or -1 and its error. Takes its status. */
#define CHECK_ENDED(request, bytes) check_ended((request), (bytes), 0, HERE)
#define CHECK_ENDED_BADLY(request, error) check_ended((request), -1, (error), HERE)
void check_ended(struct aiocb *request, ssize_t bytes, int error, const char *file, int line);

/* Waits with aio_suspend, in time, until the request has ended. */
#define AWAIT_ENDED(request) await_ended((request), HERE)
void await_ended(const struct aiocb *request, const char *file, int line);

/* A file that holds `size` bytes: the byte at offset n is (char)(n % 251). */
int new_filled_file(size_t size);
bool is_filled(const char *data, size_t size, off_t offset);

#endif
