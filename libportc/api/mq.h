// SPDX-License-Identifier: MIT
//
// mq_notify and mq_close for queues that notify ports: the wrappers' half of the seam (hooks.h).
#pragma once

#include <signal.h>

#include "libportc/base/export.h"

extern "C" {

// mq_notify with a readable sigevent of SIGEV_PORT. 0, or -1 and errno:
// EBADF (queue), EFAULT (the port_notify_t), EBADF (no port there, whatever else), then those of
// mq_register. Source: mq_notify(3C); illumos lib/libc/port/rt/mqueue.c, mq_notify().
PORTC_EXPORT int portc_private_mq_notify(int queue, const struct sigevent* event);

// mq_notify(queue, NULL). 0 if a port's registration has been ended, EBUSY if there was one once
// and is no more, EBADF; -1 if it is libc's to do.
PORTC_EXPORT int portc_private_mq_ending(int queue);

// libc has registered something else.
PORTC_EXPORT void portc_private_mq_taken(int queue);

// mq_close(queue) is next. Ends a port's registration, as the kernel would, but at once: no
// message of its end makes the port look readable.
PORTC_EXPORT void portc_private_mq_closing(int queue);

}  // extern "C"
