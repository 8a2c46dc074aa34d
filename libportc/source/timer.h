// SPDX-License-Identifier: MIT
//
// Timers whose expirations are events: PORT_SOURCE_TIMER. An event's `events` is the number of
// expirations since the last one was retrieved, counted at retrieval; a timer has at most one
// event in the queue, and its object is the timer's id.
//
// Every function may be called from any thread. From a signal handler that interrupted a section
// they fail with EAGAIN. EINVAL also means: no timer has this id. Of a detached timer (its port
// was closed) all go on working; nobody is told of its expirations.
//
// Source: illumos uts/common/os/timer.c, timer_create(3C), timer_settime(3C); timer_create(2)
// for what clocks there are.
#pragma once

#include <cstdint>

#include "libportc/core/port.h"
#include "libportc/core/source.h"
#include "libportc/source/timer_table.h"

namespace portc {

extern const SourceOps kTimerOps;

// Nanoseconds. A value of 0 is no expiry, an interval of 0 no repetition.
struct TimerSetting {
  int64_t interval;
  int64_t value;
};

// Makes a disarmed timer that tells `port_fd`.
//   clock   from timer_clock_resolve()
//   user    the cookie of its events
// Errors, in this order: EAGAIN (too many timers), EBADF (port_fd not open), EBADFD (not a port),
// ENOMEM, EAGAIN (the port is full), EPERM, EINVAL, EAGAIN (no timerfd for the clock).
Result<TimerId> timer_make(int32_t clock, int port_fd, uint64_t user);

// Is it one of our timers' ids?
bool timer_exists(TimerId id);

// Arms it, anew if it is armed, or disarms it. A queued event stays, with its count.
//   absolute   next.value is a time of the timer's clock
//   before     what timer_time_left() would have said
// Errors: EINVAL; EAGAIN (no timerfd for the clock).
Result<void> timer_set(TimerId id, bool absolute, const TimerSetting& next, TimerSetting& before);

// The time until the next expiry, and the interval. Errors: EINVAL.
Result<TimerSetting> timer_time_left(TimerId id);

// Ends it, and its queued event. Errors: EINVAL.
Result<void> timer_remove(TimerId id);

// Somebody polls the port from now on: what stopped timers have left behind must not show. The
// lock is held.
void timer_polled(Port& port);

}  // namespace portc
