// SPDX-License-Identifier: MIT
#include "libportc/api/timer.h"

#include "include/port.h"
#include "libportc/base/usermem.h"
#include "libportc/source/timer.h"

namespace portc {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

int fail(int error) {
  errno = error;
  return -1;
}

TimerId number_of(timer_t id) { return reinterpret_cast<uintptr_t>(id); }

bool is_zero(const struct timespec& ts) { return ts.tv_sec == 0 && ts.tv_nsec == 0; }

bool is_time(const struct timespec& ts) {
  return ts.tv_sec >= 0 && ts.tv_nsec >= 0 && ts.tv_nsec < kSecond;
}

// 292 years and more are the same to us.
int64_t to_ns(const struct timespec& ts) {
  if (ts.tv_sec >= INT64_MAX / kSecond) return INT64_MAX;
  return ts.tv_sec * kSecond + ts.tv_nsec;
}

struct timespec to_timespec(int64_t ns) {
  return {static_cast<time_t>(ns / kSecond), static_cast<long>(ns % kSecond)};
}

struct itimerspec to_itimerspec(const TimerSetting& setting) {
  struct itimerspec spec = {};
  spec.it_interval = to_timespec(setting.interval);
  spec.it_value = to_timespec(setting.value);
  return spec;
}

}  // namespace
}  // namespace portc

using namespace portc;

extern "C" {

int portc_private_timer_create(clockid_t clock, const struct sigevent* event, timer_t* id) {
  const Result<int32_t> resolved = timer_clock_resolve(clock);
  if (!resolved) return fail(EINVAL);
  if (!user_readable(event, sizeof *event)) return fail(EFAULT);
  const auto* said = static_cast<const port_notify_t*>(event->sigev_value.sival_ptr);
  if (!user_readable(said, sizeof *said)) return fail(EFAULT);
  const port_notify_t notify = *said;
  const Result<TimerId> made =
      timer_make(*resolved, notify.portnfy_port, reinterpret_cast<uintptr_t>(notify.portnfy_user));
  if (!made) return fail(made.error());
  if (!user_writable(id, sizeof *id)) {
    (void)timer_remove(*made);
    return fail(EFAULT);
  }
  *id = reinterpret_cast<timer_t>(*made);
  return 0;
}

int portc_private_timer_settime(timer_t id, int flags, const struct itimerspec* next,
                                struct itimerspec* before) {
  if (before != nullptr) {
    if (!timer_exists(number_of(id))) return fail(EINVAL);
    if (!user_writable(before, sizeof *before)) return fail(EFAULT);
  }
  if (!user_readable(next, sizeof *next)) return fail(EFAULT);
  const struct itimerspec asked = *next;
  if (!is_time(asked.it_value) || (!is_time(asked.it_interval) && !is_zero(asked.it_value)))
    return fail(EINVAL);
  TimerSetting setting = {0, 0};
  if (!is_zero(asked.it_value)) setting = {to_ns(asked.it_interval), to_ns(asked.it_value)};
  TimerSetting was = {0, 0};
  const Result<void> set = timer_set(number_of(id), (flags & TIMER_ABSTIME) != 0, setting, was);
  if (!set) return fail(set.error());
  if (before != nullptr) *before = to_itimerspec(was);
  return 0;
}

int portc_private_timer_gettime(timer_t id, struct itimerspec* left) {
  const Result<TimerSetting> setting = timer_time_left(number_of(id));
  if (!setting) return fail(setting.error());
  if (!user_writable(left, sizeof *left)) return fail(EFAULT);
  *left = to_itimerspec(*setting);
  return 0;
}

int portc_private_timer_getoverrun(timer_t id) {
  return timer_exists(number_of(id)) ? 0 : fail(EINVAL);
}

int portc_private_timer_delete(timer_t id) {
  const Result<void> removed = timer_remove(number_of(id));
  return removed ? 0 : fail(removed.error());
}

}  // extern "C"
