// SPDX-License-Identifier: MIT
//
// The seam for aio_read(3) and its kind, as hooks.h is for the rest. A request is ours if its
// notification is SIGEV_PORT; everything else is for the next definition.
#pragma once

#include <aio.h>

#include "include/port.h"
#include "libportc/base/export.h"
#include "libportc/source/aio.h"

extern "C" {

// aio_read and aio_write (LIO_READ, LIO_WRITE). 0, or the errno to fail with.
PORTC_EXPORT int portc_private_aio_start(struct aiocb* cb, int opcode);
PORTC_EXPORT int portc_private_aio_fsync(int op, struct aiocb* cb);

// The definitions behind ours, for the entries of a list that are not ours.
struct PortcAioNext {
  int (*read)(struct aiocb*);
  int (*write)(struct aiocb*);
};

// lio_listio. 0, the errno to fail with, or -1: there is no SIGEV_PORT in it.
PORTC_EXPORT int portc_private_aio_list(int mode, struct aiocb* const list[], int count,
                                        struct sigevent* notice, const PortcAioNext* next);

// Stores the status of what is done.
PORTC_EXPORT void portc_private_aio_harvest();

// aio_suspend. 0, the errno to fail with, or -1: no request of the list is ours.
PORTC_EXPORT int portc_private_aio_suspend(const struct aiocb* const list[], int count,
                                           const struct timespec* timeout);

// aio_cancel of what is ours: AIO_CANCELED, AIO_NOTCANCELED, AIO_ALLDONE (the next definition has
// a say, too), or -errno.
PORTC_EXPORT int portc_private_aio_cancel(int fd, struct aiocb* cb);

}  // extern "C"
