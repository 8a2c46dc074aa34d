// SPDX-License-Identifier: MIT
//
// sem_t and sema_t, which are one. Whoever posts does not touch the memory once the count has
// changed, because a waiter may then free it; so the count itself says whether somebody waits.
//
// Source: sem_init(3C), sem_timedwait(3C), sema_init(3C) of illumos.
#include "illumos/rt/semaphores.h"

#include "illumos/rt/cancel.h"
#include "illumos/rt/errno.h"

namespace portc::illumos {
namespace {

constexpr uint32_t kAwaited = 0x80000000;
constexpr uint32_t kMax = 0x7fffffff;

bool is_shared(const abi::Semaphore& semaphore) { return (semaphore.type & abi::kShared) != 0; }

bool try_wait(abi::Semaphore& semaphore) {
  uint32_t count = semaphore.count.load();
  while ((count & kMax) != 0) {
    if (semaphore.count.compare_exchange_weak(count, count - 1)) return true;
  }
  return false;
}

int sleep(abi::Semaphore& semaphore, const Deadline& deadline) {
  const CancelPoint point;
  return futex_wait(semaphore.count, kAwaited, is_shared(semaphore), deadline.until());
}

int to_guest(int error) { return error == 0 ? 0 : errno_to_guest(error); }
int result(int error) { return error == 0 ? 0 : fail(error); }

// The older functions call a time that has passed ETIME.
int for_old(int error) { return to_guest(error == ETIMEDOUT ? ETIME : error); }

}  // namespace

int init(abi::Semaphore& semaphore, uint32_t value, int type) {
  if (value > kMax || (type != 0 && type != abi::kShared)) return EINVAL;
  semaphore.type = static_cast<uint16_t>(type);
  semaphore.magic = abi::kSemaMagic;
  semaphore.waiters.store(0);
  semaphore.count.store(value);
  return 0;
}

int wait(abi::Semaphore& semaphore, const Deadline& deadline) {
  test_cancel();
  while (!try_wait(semaphore)) {
    if (!deadline.valid()) return EINVAL;
    semaphore.waiters.fetch_add(1);
    uint32_t none = 0;
    (void)semaphore.count.compare_exchange_strong(none, kAwaited);
    const int error = sleep(semaphore, deadline);
    semaphore.waiters.fetch_sub(1);
    if (error != 0 && error != EAGAIN) return error;
  }
  return 0;
}

int post(abi::Semaphore& semaphore) {
  uint32_t count = semaphore.count.load();
  uint32_t next, waiters;
  const bool shared = is_shared(semaphore);
  do {
    if ((count & kMax) == kMax) return EOVERFLOW;
    waiters = semaphore.waiters.load();
    next = count + 1;
    if (waiters <= 1) next &= ~kAwaited;
  } while (!semaphore.count.compare_exchange_weak(count, next));
  if ((count & kAwaited) != 0) futex_wake(semaphore.count, waiters > 1 ? 1 : INT_MAX, shared);
  return 0;
}

extern "C" {

int il_sem_init(abi::Semaphore* semaphore, int shared, uint32_t value) {
  return result(init(*semaphore, value, shared != 0 ? abi::kShared : 0));
}
int il_sem_destroy(abi::Semaphore* semaphore) {
  semaphore->magic = 0;
  return 0;
}
int il_sem_post(abi::Semaphore* semaphore) { return result(post(*semaphore)); }
int il_sem_wait(abi::Semaphore* semaphore) { return result(wait(*semaphore, {})); }
int il_sem_trywait(abi::Semaphore* semaphore) { return try_wait(*semaphore) ? 0 : fail(EAGAIN); }
int il_sem_timedwait(abi::Semaphore* semaphore, const timespec* time) {
  return result(wait(*semaphore, Deadline::at(time, true)));
}
int il_sem_reltimedwait_np(abi::Semaphore* semaphore, const timespec* left) {
  return result(wait(*semaphore, Deadline::in(left)));
}
int il_sem_clockwait(abi::Semaphore* semaphore, int clock, const timespec* time) {
  bool realtime;
  if (!wait_clock(clock, realtime)) return fail(EINVAL);
  return result(wait(*semaphore, Deadline::at(time, realtime)));
}
int il_sem_relclockwait_np(abi::Semaphore* semaphore, int clock, const timespec* left) {
  bool realtime;
  if (!wait_clock(clock, realtime)) return fail(EINVAL);
  return result(wait(*semaphore, Deadline::in(left)));
}
int il_sem_getvalue(abi::Semaphore* semaphore, int* value) {
  *value = static_cast<int>(semaphore->count.load() & kMax);
  return 0;
}

int il_sema_init(abi::Semaphore* semaphore, uint32_t value, int type, void*) {
  return to_guest(init(*semaphore, value, type));
}
int il_sema_destroy(abi::Semaphore* semaphore) { return il_sem_destroy(semaphore); }
int il_sema_post(abi::Semaphore* semaphore) { return to_guest(post(*semaphore)); }
int il_sema_wait(abi::Semaphore* semaphore) { return for_old(wait(*semaphore, {})); }
int il_sema_trywait(abi::Semaphore* semaphore) {
  return try_wait(*semaphore) ? 0 : to_guest(EBUSY);
}
int il_sema_timedwait(abi::Semaphore* semaphore, const timespec* time) {
  return for_old(wait(*semaphore, Deadline::at(time, true)));
}
int il_sema_reltimedwait(abi::Semaphore* semaphore, const timespec* left) {
  return for_old(wait(*semaphore, Deadline::in(left)));
}
int il_sema_held(abi::Semaphore* semaphore) {
  return (semaphore->count.load() & kMax) == 0 ? 1 : 0;
}
int il__lwp_sema_init(abi::Semaphore* semaphore, int value) {
  return to_guest(value < 0 ? EINVAL
                            : init(*semaphore, static_cast<uint32_t>(value), abi::kShared));
}

}  // extern "C"

}  // namespace portc::illumos
