// SPDX-License-Identifier: MIT
//
// A condition variable is a number that each wake-up changes, and on which the waiters sleep. A
// waiter that saw the old number and is not asleep yet does not fall asleep.
//
// Source: cond_init(3C), pthread_cond_wait(3C), pthread_cond_timedwait(3C) of illumos.
#include <cstdlib>

#include "illumos/rt/cancel.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/mutex.h"
#include "illumos/rt/threads.h"

namespace portc::illumos {
namespace {

bool is_shared(const abi::Cond& cond) { return (cond.type & abi::kShared) != 0; }

void wake(abi::Cond& cond, int count) {
  if (cond.waiters.load() == 0) return;
  cond.sequence.fetch_add(1);
  futex_wake(cond.sequence, count, is_shared(cond));
}

// 0 (also for no reason), EINTR, ETIMEDOUT, EINVAL, EPERM; or of lock().
int wait(abi::Cond& cond, abi::Mutex& mutex, const Deadline& deadline) {
  if (!deadline.valid()) return EINVAL;
  if (!may_unlock(mutex)) return EPERM;
  test_cancel();
  cond.waiters.fetch_add(1);
  const uint32_t seen = cond.sequence.load();
  changed_by_cancel = &cond.sequence;
  const uint8_t depth = mutex.depth;
  mutex.depth = 0;
  (void)unlock(mutex);
  // A request that came before changed_by_cancel was set is seen here, one after it below.
  int error = self().cancel_asked.load() && cond.sequence.load() != seen
                  ? 0
                  : futex_wait(cond.sequence, seen, is_shared(cond), deadline.until());
  cond.waiters.fetch_sub(1);
  const int locked = lock(mutex);
  if (locked != 0) error = locked;
  if (locked != ENOTRECOVERABLE) mutex.depth = depth;
  changed_by_cancel = nullptr;
  test_cancel();
  return error == EAGAIN ? 0 : error;
}

int to_guest(int error) { return error == 0 ? 0 : errno_to_guest(error); }

// POSIX's functions do not tell of signals, the older ones do; and they say ETIME.
int for_posix(int error) { return error == EINTR ? 0 : to_guest(error); }
int for_old(int error) { return to_guest(error == ETIMEDOUT ? ETIME : error); }

Deadline by_clock_of(const abi::Cond& cond, const timespec* time) {
  bool realtime = true;
  (void)wait_clock(cond.clock, realtime);
  return Deadline::at(time, realtime);
}

void init(abi::Cond& cond, uint16_t type, uint8_t clock) {
  cond.clock = clock;
  cond.type = type;
  cond.magic = abi::kCondMagic;
  cond.sequence.store(0);
  cond.waiters.store(0);
}

struct Attributes {
  int shared = 0;
  int clock = 3;  // CLOCK_REALTIME
};
struct Place {
  Attributes* attributes;
};

int put(const Place* place, int Attributes::*member, int value, bool allowed) {
  if (place == nullptr || place->attributes == nullptr || !allowed) return to_guest(EINVAL);
  place->attributes->*member = value;
  return 0;
}

int get(const Place* place, int Attributes::*member, int* out) {
  if (place == nullptr || place->attributes == nullptr || out == nullptr) return to_guest(EINVAL);
  *out = place->attributes->*member;
  return 0;
}

}  // namespace

extern "C" {

int il_cond_init(abi::Cond* cond, int type, void*) {
  if (type != 0 && type != abi::kShared) return to_guest(EINVAL);
  init(*cond, static_cast<uint16_t>(type), 3);
  return 0;
}

int il_pthread_cond_init(abi::Cond* cond, const Place* place) {
  const Attributes usual;
  const Attributes* attributes = place != nullptr ? place->attributes : &usual;
  if (attributes == nullptr) return to_guest(EINVAL);
  init(*cond, static_cast<uint16_t>(attributes->shared), static_cast<uint8_t>(attributes->clock));
  return 0;
}

int il_cond_destroy(abi::Cond* cond) {
  cond->magic = 0;
  return 0;
}

int il_cond_signal(abi::Cond* cond) {
  wake(*cond, 1);
  return 0;
}
int il_cond_broadcast(abi::Cond* cond) {
  wake(*cond, INT_MAX);
  return 0;
}

int il_pthread_cond_wait(abi::Cond* cond, abi::Mutex* mutex) {
  return for_posix(wait(*cond, *mutex, {}));
}
int il_pthread_cond_timedwait(abi::Cond* cond, abi::Mutex* mutex, const timespec* time) {
  return for_posix(wait(*cond, *mutex, by_clock_of(*cond, time)));
}
int il_pthread_cond_reltimedwait_np(abi::Cond* cond, abi::Mutex* mutex, const timespec* left) {
  return for_posix(wait(*cond, *mutex, Deadline::in(left)));
}
int il_pthread_cond_clockwait(abi::Cond* cond, abi::Mutex* mutex, int clock, const timespec* time) {
  bool realtime;
  if (!wait_clock(clock, realtime)) return to_guest(EINVAL);
  return for_posix(wait(*cond, *mutex, Deadline::at(time, realtime)));
}
int il_pthread_cond_relclockwait_np(abi::Cond* cond, abi::Mutex* mutex, int clock,
                                    const timespec* left) {
  bool realtime;
  if (!wait_clock(clock, realtime)) return to_guest(EINVAL);
  return for_posix(wait(*cond, *mutex, Deadline::in(left)));
}

int il_cond_wait(abi::Cond* cond, abi::Mutex* mutex) { return for_old(wait(*cond, *mutex, {})); }
int il_cond_timedwait(abi::Cond* cond, abi::Mutex* mutex, const timespec* time) {
  return for_old(wait(*cond, *mutex, by_clock_of(*cond, time)));
}
int il_cond_reltimedwait(abi::Cond* cond, abi::Mutex* mutex, const timespec* left) {
  return for_old(wait(*cond, *mutex, Deadline::in(left)));
}

int il_pthread_condattr_init(Place* place) {
  auto* made = static_cast<Attributes*>(malloc(sizeof(Attributes)));
  if (made == nullptr) return to_guest(ENOMEM);
  *made = Attributes{};
  place->attributes = made;
  return 0;
}
int il_pthread_condattr_destroy(Place* place) {
  if (place == nullptr || place->attributes == nullptr) return to_guest(EINVAL);
  free(place->attributes);
  place->attributes = nullptr;
  return 0;
}
int il_pthread_condattr_setclock(Place* place, int clock) {
  bool realtime;
  return put(place, &Attributes::clock, clock, wait_clock(clock, realtime));
}
int il_pthread_condattr_getclock(const Place* place, int* clock) {
  return get(place, &Attributes::clock, clock);
}
int il_pthread_condattr_setpshared(Place* place, int shared) {
  return put(place, &Attributes::shared, shared, shared == 0 || shared == abi::kShared);
}
int il_pthread_condattr_getpshared(const Place* place, int* shared) {
  return get(place, &Attributes::shared, shared);
}

}  // extern "C"

}  // namespace portc::illumos
