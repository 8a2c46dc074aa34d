// SPDX-License-Identifier: MIT
#include "libportc/source/timer_clock.h"

#include <atomic>

#include "libportc/base/sys.h"

namespace portc {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kShortestLook = 1'000'000;  // between two looks at a CPU clock

// The kernel's dynamic clock ids: ~pid << 3 | kind, linux/posix-timers.h.
constexpr int32_t kThreadBit = 4;
constexpr int32_t kKindMask = 3;
constexpr int32_t kKindScheduler = 2;
constexpr int32_t kKindDevice = 3;

int32_t cpu_clock(int pid, int32_t kind) { return (-8 - pid * 8) | kind; }

// Processors there can ever be. Asked once: no answer gets better by asking again.
int64_t processors() {
  constinit static std::atomic<int64_t> known{0};
  int64_t count = known.load(std::memory_order_relaxed);
  if (count > 0) return count;
  const int saved = errno;
  count = ::sysconf(_SC_NPROCESSORS_CONF);
  errno = saved;
  if (count < 1) count = 1;
  known.store(count, std::memory_order_relaxed);
  return count;
}

int64_t read_known(int32_t clock) {
  struct timespec now = {};
  sys::clock_read(clock, &now);
  return static_cast<int64_t>(now.tv_sec) * kSecond + now.tv_nsec;
}

}  // namespace

Result<int32_t> timer_clock_resolve(int32_t clock) {
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_BOOTTIME_ALARM:
    case CLOCK_TAI:
      return clock;
    case CLOCK_PROCESS_CPUTIME_ID:
      clock = cpu_clock(0, kKindScheduler);
      break;
    case CLOCK_THREAD_CPUTIME_ID:
      clock = cpu_clock(sys::gettid(), kKindScheduler | kThreadBit);
      break;
    default:
      // A device's clock, or one that only tells the time (CLOCK_MONOTONIC_RAW, ..._COARSE).
      if (clock >= 0 || (clock & kKindMask) == kKindDevice) return Errno{EINVAL};
  }
  (void)processors();  // here, where no lock is held
  const Result<int64_t> now = timer_clock_now(clock);
  if (!now) return Errno{EINVAL};
  return clock;
}

TimerRoute timer_route(int32_t clock, bool absolute) {
  switch (clock) {
    case CLOCK_REALTIME:
      if (absolute) return {CLOCK_REALTIME, TimerBase::kRealtime};
      return {CLOCK_MONOTONIC, TimerBase::kMonotonic};
    case CLOCK_TAI:
      if (absolute) return {CLOCK_TAI, TimerBase::kRealtime};
      return {CLOCK_MONOTONIC, TimerBase::kMonotonic};
    case CLOCK_REALTIME_ALARM:
      if (absolute) return {CLOCK_REALTIME, TimerBase::kRealtimeAlarm};
      return {CLOCK_BOOTTIME, TimerBase::kBoottimeAlarm};
    case CLOCK_BOOTTIME_ALARM:
      return {CLOCK_BOOTTIME, TimerBase::kBoottimeAlarm};
    case CLOCK_BOOTTIME:
      return {CLOCK_BOOTTIME, TimerBase::kBoottime};
    default:  // CLOCK_MONOTONIC and the CPU clocks
      return {clock, TimerBase::kMonotonic};
  }
}

Result<int64_t> timer_clock_now(int32_t reads) {
  if (PORTC_LIKELY(reads >= 0)) return read_known(reads);
  struct timespec now = {};
  if (sys::raw(SYS_clock_gettime, reads, sys::arg(&now)) != 0) return Errno{EINVAL};
  return static_cast<int64_t>(now.tv_sec) * kSecond + now.tv_nsec;
}

int32_t timer_base_clock(TimerBase base) {
  switch (base) {
    case TimerBase::kMonotonic:
      return CLOCK_MONOTONIC;
    case TimerBase::kRealtime:
      return CLOCK_REALTIME;
    case TimerBase::kBoottime:
      return CLOCK_BOOTTIME;
    case TimerBase::kRealtimeAlarm:
      return CLOCK_REALTIME_ALARM;
    case TimerBase::kBoottimeAlarm:
      break;
  }
  return CLOCK_BOOTTIME_ALARM;
}

// The alarm clocks tell the same time as those they are named after, and are not to be read
// where there is no device that wakes the machine.
int64_t timer_base_now(TimerBase base) {
  switch (base) {
    case TimerBase::kMonotonic:
      return read_known(CLOCK_MONOTONIC);
    case TimerBase::kRealtime:
    case TimerBase::kRealtimeAlarm:
      return read_known(CLOCK_REALTIME);
    case TimerBase::kBoottime:
    case TimerBase::kBoottimeAlarm:
      break;
  }
  return read_known(CLOCK_BOOTTIME);
}

bool timer_is_exact(const TimerRoute& route) {
  return route.reads >= 0 && route.reads != CLOCK_TAI;
}

int64_t timer_look_at(const TimerRoute& route, int64_t expiry, int64_t now) {
  if (timer_is_exact(route)) return expiry;
  const int64_t left = expiry > now ? expiry - now : 0;
  if (route.reads == CLOCK_TAI) return timer_add(timer_base_now(route.base), left);
  const int64_t apart = (route.reads & kThreadBit) != 0 ? left : left / processors();
  return timer_add(timer_base_now(route.base), apart < kShortestLook ? kShortestLook : apart);
}

}  // namespace portc
