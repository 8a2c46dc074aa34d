// SPDX-License-Identifier: MIT
//
// POSIX timers. A timer with SIGEV_PORT is ours, and its id says so; any other is libc's.
#include "libportc/api/timer.h"

#include <port.h>

#include "interpose/next.h"
#include "libportc/api/hooks.h"

namespace {

using portc::timer_is_ours;

// libc reads the event without asking whether it can. So do we, but in programs with ports, which
// may expect EFAULT.
bool is_for_port(const struct sigevent* event) {
  if (event == nullptr) return false;
  if (portc::have_ports() && !portc_private_readable(event, sizeof *event)) return true;
  return event->sigev_notify == SIGEV_PORT;
}

}  // namespace

extern "C" {

PORTC_EXPORT int timer_create(clockid_t clock, struct sigevent* event, timer_t* id) noexcept {
  if (PORTC_UNLIKELY(is_for_port(event))) return portc_private_timer_create(clock, event, id);
  return PORTC_NEXT(timer_create)(clock, event, id);
}

PORTC_EXPORT int timer_settime(timer_t id, int flags, const struct itimerspec* next,
                               struct itimerspec* before) noexcept {
  if (PORTC_UNLIKELY(timer_is_ours(id)))
    return portc_private_timer_settime(id, flags, next, before);
  return PORTC_NEXT(timer_settime)(id, flags, next, before);
}

PORTC_EXPORT int timer_gettime(timer_t id, struct itimerspec* left) noexcept {
  if (PORTC_UNLIKELY(timer_is_ours(id))) return portc_private_timer_gettime(id, left);
  return PORTC_NEXT(timer_gettime)(id, left);
}

PORTC_EXPORT int timer_getoverrun(timer_t id) noexcept {
  if (PORTC_UNLIKELY(timer_is_ours(id))) return portc_private_timer_getoverrun(id);
  return PORTC_NEXT(timer_getoverrun)(id);
}

PORTC_EXPORT int timer_delete(timer_t id) noexcept {
  if (PORTC_UNLIKELY(timer_is_ours(id))) return portc_private_timer_delete(id);
  return PORTC_NEXT(timer_delete)(id);
}

}  // extern "C"
