// SPDX-License-Identifier: MIT
//
// Clocks, interval timers, sleeping. calendar.cc has dates.
//
// Sources: illumos clock_gettime(3C), gethrtime(3C), getitimer(2), stime(2), <sys/time_impl.h>.
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

#include <cstdint>
#include <ctime>

#include "illumos/rt/clocks.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"

namespace portc::illumos {
namespace {

constexpr Number kClocks[] = {
#include "illumos/tables/clocks.inc"
};
constexpr int kVirtual = 1;
constexpr Number kTimers[] = {
#include "illumos/tables/itimers.inc"
};
constexpr int64_t kNanoseconds = 1000000000;

int done(int result) {
  if (result != 0) set_guest_errno();
  return result;
}

int64_t nanoseconds_of(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return now.tv_sec * kNanoseconds + now.tv_nsec;
}

__itimer_which timer_to_host(int guest) {
  return static_cast<__itimer_which>(host_number(kTimers, guest, -1));
}

}  // namespace

clockid_t clock_to_host(int guest) {
  return static_cast<clockid_t>(host_number(kClocks, guest, kNoClock));
}

clockid_t timer_clock_to_host(int guest) {
  return guest == kVirtual ? kNoClock : clock_to_host(guest);
}

}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

int il_clock_gettime(int clock, timespec* now) {
  const clockid_t host = clock_to_host(clock);
  return host == kNoClock ? fail(EINVAL) : done(clock_gettime(host, now));
}

int il_clock_getres(int clock, timespec* resolution) {
  const clockid_t host = clock_to_host(clock);
  return host == kNoClock ? fail(EINVAL) : done(clock_getres(host, resolution));
}

int il_clock_settime(int clock, const timespec* now) {
  const clockid_t host = clock_to_host(clock);
  return host == kNoClock ? fail(EINVAL) : done(clock_settime(host, now));
}

// Returns the error.
int il_clock_nanosleep(int clock, int flags, const timespec* time, timespec* left) {
  const clockid_t host = clock_to_host(clock);
  const int error = host == kNoClock ? EINVAL : clock_nanosleep(host, flags, time, left);
  return error == 0 ? 0 : errno_to_guest(error);
}

int64_t il_gethrtime() { return nanoseconds_of(CLOCK_MONOTONIC); }
int64_t il_gethrvtime() { return nanoseconds_of(CLOCK_THREAD_CPUTIME_ID); }

// Never fails there, whatever the pointers: a null one asks for nothing.
int il_gettimeofday(timeval* now, void*) {
  return now == nullptr ? 0 : done(gettimeofday(now, nullptr));
}

int il_settimeofday(const timeval* now, void*) {
  return now == nullptr ? 0 : done(settimeofday(now, nullptr));
}

int il_stime(const time_t* now) {
  const timespec time = {*now, 0};
  return done(clock_settime(CLOCK_REALTIME, &time));
}

int il_getitimer(int which, itimerval* value) {
  return done(getitimer(timer_to_host(which), value));
}

int il_setitimer(int which, const itimerval* value, itimerval* old) {
  return done(setitimer(timer_to_host(which), value, old));
}

int il_timespec_get(timespec* now, int base) { return timespec_get(now, base); }

}  // extern "C"
