// SPDX-License-Identifier: MIT
//
// The clocks that timers can go by, in Linux's numbers, and which of the kernel's timers (a
// base: one timerfd) wakes us for each:
//
//   clock                     relative              absolute
//   CLOCK_REALTIME            CLOCK_MONOTONIC       CLOCK_REALTIME
//   CLOCK_MONOTONIC           CLOCK_MONOTONIC       CLOCK_MONOTONIC
//   CLOCK_BOOTTIME            CLOCK_BOOTTIME        CLOCK_BOOTTIME
//   CLOCK_TAI                 CLOCK_MONOTONIC       CLOCK_REALTIME, checked
//   CLOCK_REALTIME_ALARM      CLOCK_BOOTTIME_ALARM  CLOCK_REALTIME_ALARM
//   CLOCK_BOOTTIME_ALARM      CLOCK_BOOTTIME_ALARM  CLOCK_BOOTTIME_ALARM
//   CPU time                  CLOCK_MONOTONIC, checked
//
// A relative timer does not move when somebody sets the clock, an absolute one does.
//
// "Checked": the base only says when to look. A process of n processors that lacks r of CPU time
// has not used it before r/n have passed, so we look then, but not more often than every
// millisecond. TAI is REALTIME plus an offset that is read whenever the timer is armed or looked
// at. DEVIATION portc(7) timer-clocks.
#pragma once

#include <cstdint>

#include "libportc/base/result.h"

namespace portc {

enum class TimerBase : uint8_t {
  kMonotonic = 0,
  kRealtime,
  kBoottime,
  kRealtimeAlarm,
  kBoottimeAlarm,
};
constexpr uint32_t kTimerBases = 5;

// How a timer is timed: `reads` is the clock that says whether it has expired.
struct TimerRoute {
  int32_t reads;
  TimerBase base;
};

// The clock under a number that means the same in every thread. Errors: EINVAL (no clock, or
// none that can time).
Result<int32_t> timer_clock_resolve(int32_t clock);

// `clock` comes from timer_clock_resolve().
TimerRoute timer_route(int32_t clock, bool absolute);

// Nanoseconds. Errors: EINVAL (the thread or process whose time it was has ended).
Result<int64_t> timer_clock_now(int32_t reads);

int32_t timer_base_clock(TimerBase base);  // for timerfd_create
int64_t timer_base_now(TimerBase base);

// Is `expiry` a time of the base's own clock? If not, the timer is looked at when the base says.
bool timer_is_exact(const TimerRoute& route);

// The time of the base's clock at which a timer that expires at `expiry` of `route.reads`, which
// says `now`, is to be looked at.
int64_t timer_look_at(const TimerRoute& route, int64_t expiry, int64_t now);

// Never beyond the last nanosecond there is.
inline int64_t timer_add(int64_t a, int64_t b) {
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

}  // namespace portc
