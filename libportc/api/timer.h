// SPDX-License-Identifier: MIT
//
// The seam between the wrappers of timer_create and its kind and the runtime. As hooks.h.
#pragma once

#include <signal.h>
#include <time.h>

#include "libportc/base/export.h"
#include "libportc/source/timer_table.h"

namespace portc {

inline bool timer_is_ours(timer_t id) { return timer_id_is_ours(reinterpret_cast<uintptr_t>(id)); }

}  // namespace portc

extern "C" {

// timer_create with SIGEV_PORT; or with an event that may not be readable.
// Errors, in this order: EINVAL (clock), EFAULT (event; what its value points to), EAGAIN (too
// many timers), EBADF, EBADFD (its port), ENOMEM, EAGAIN (the port is full), EPERM, EINVAL, EAGAIN
// (what the clock needs), EFAULT (id; no timer was made).
// Source: timer_create(3C); illumos uts/common/os/timer.c, timer_create().
PORTC_EXPORT int portc_private_timer_create(clockid_t clock, const struct sigevent* event,
                                            timer_t* id);

// The others get an id of ours only. Errors of timer_settime, in this order: EINVAL (id) and EFAULT
// (before) if `before` is given, EFAULT (next), EINVAL (a time in it; the interval's is looked at
// only if there is a first expiry), EINVAL (id), EAGAIN.
// Source: timer_settime(3C); illumos uts/common/os/timer.c, timer_settime().
PORTC_EXPORT int portc_private_timer_settime(timer_t id, int flags, const struct itimerspec* next,
                                             struct itimerspec* before);
// Errors, in this order: EINVAL, EFAULT.
PORTC_EXPORT int portc_private_timer_gettime(timer_t id, struct itimerspec* left);
// Always 0: the count is in the event. Errors: EINVAL.
PORTC_EXPORT int portc_private_timer_getoverrun(timer_t id);
// Errors: EINVAL.
PORTC_EXPORT int portc_private_timer_delete(timer_t id);

}  // extern "C"
