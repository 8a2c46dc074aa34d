// SPDX-License-Identifier: MIT
//
// A reader that holds no lock waits behind writers that wait; one that does goes ahead, so that it
// can lock again what it has locked for reading already, as on illumos.
//
// Source: rwlock_init(3C), pthread_rwlock_rdlock(3C) of illumos.
#include <cstdlib>

#include "illumos/abi/threads.h"
#include "illumos/rt/deadline.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/threads.h"

namespace portc::illumos {
namespace {

// Rwlock::state: the number of readers, and
constexpr uint32_t kWriter = 0x80000000;
constexpr uint32_t kAwaited = 0x40000000;

thread_local uint32_t reads_held;

bool is_shared(const abi::Rwlock& lock) { return (lock.type & abi::kShared) != 0; }

bool try_read(abi::Rwlock& lock, uint32_t& state) {
  state = lock.state.load();
  while ((state & kWriter) == 0 && (lock.waiting_writers.load() == 0 || reads_held > 0)) {
    if (!lock.state.compare_exchange_weak(state, state + 1)) continue;
    ++reads_held;
    return true;
  }
  return false;
}

bool try_write(abi::Rwlock& lock, uint32_t& state) {
  state = lock.state.load();
  while ((state & ~kAwaited) == 0) {
    if (!lock.state.compare_exchange_weak(state, state | kWriter)) continue;
    lock.owner.store(owner_token(is_shared(lock)));
    return true;
  }
  return false;
}

bool is_mine(const abi::Rwlock& lock) { return lock.owner.load() == owner_token(is_shared(lock)); }

// Sleeps until the lock becomes free; 0 at any time.
int sleep(abi::Rwlock& lock, uint32_t state, const Deadline& deadline) {
  const uint32_t awaited = state | kAwaited;
  if (state != awaited && !lock.state.compare_exchange_strong(state, awaited)) return 0;
  const int error = futex_wait(lock.state, awaited, is_shared(lock), deadline.until());
  return error == ETIMEDOUT || error == EINVAL ? error : 0;
}

void wake_all(abi::Rwlock& lock) {
  if ((lock.state.fetch_and(~kAwaited) & kAwaited) != 0)
    futex_wake(lock.state, INT_MAX, is_shared(lock));
}

int read(abi::Rwlock& lock, const Deadline& deadline) {
  uint32_t state;
  while (!try_read(lock, state)) {
    if (is_mine(lock)) return EDEADLK;
    if (!deadline.valid()) return EINVAL;
    if (const int error = sleep(lock, state, deadline); error != 0) return error;
  }
  return 0;
}

int write(abi::Rwlock& lock, const Deadline& deadline) {
  uint32_t state;
  if (try_write(lock, state)) return 0;
  if (is_mine(lock)) return EDEADLK;
  if (!deadline.valid()) return EINVAL;
  int error = 0;
  lock.waiting_writers.fetch_add(1);
  while (error == 0 && !try_write(lock, state)) error = sleep(lock, state, deadline);
  // Readers that stood behind it need not any more.
  if (lock.waiting_writers.fetch_sub(1) == 1 && error != 0) wake_all(lock);
  return error;
}

// Gives up a reader's or the writer's part. Once nobody holds it, somebody else may lock, unlock
// and free it: so the change that frees it also says whom to wake, and is the last one.
int unlock(abi::Rwlock& lock) {
  const bool shared = is_shared(lock);
  uint32_t state = lock.state.load(), next;
  if ((state & ~kAwaited) == 0) return EPERM;
  const bool writer = (state & kWriter) != 0;
  if (writer && !is_mine(lock)) return EPERM;
  if (writer) lock.owner.store(0);
  do {
    next = writer || (state & ~kAwaited) == 1 ? 0 : state - 1;
  } while (!lock.state.compare_exchange_weak(state, next));
  if (!writer && reads_held > 0) --reads_held;
  if (next == 0 && (state & kAwaited) != 0) futex_wake(lock.state, INT_MAX, shared);
  return 0;
}

int to_guest(int error) { return error == 0 ? 0 : errno_to_guest(error); }

int init(abi::Rwlock& lock, int type) {
  if (type != 0 && type != abi::kShared) return EINVAL;
  lock.state.store(0);
  lock.type = static_cast<uint16_t>(type);
  lock.magic = abi::kRwlockMagic;
  lock.owner.store(0);
  lock.waiting_writers.store(0);
  return 0;
}

struct Place {
  int* shared;
};

}  // namespace

extern "C" {

int il_rwlock_init(abi::Rwlock* lock, int type, void*) { return to_guest(init(*lock, type)); }
int il_pthread_rwlock_init(abi::Rwlock* lock, const Place* place) {
  if (place != nullptr && place->shared == nullptr) return to_guest(EINVAL);
  return to_guest(init(*lock, place != nullptr ? *place->shared : 0));
}
int il_rwlock_destroy(abi::Rwlock* lock) {
  lock->magic = 0;
  return 0;
}

int il_rw_rdlock(abi::Rwlock* lock) { return to_guest(read(*lock, {})); }
int il_rw_wrlock(abi::Rwlock* lock) { return to_guest(write(*lock, {})); }
int il_rw_unlock(abi::Rwlock* lock) { return to_guest(unlock(*lock)); }
int il_rw_tryrdlock(abi::Rwlock* lock) {
  uint32_t state;
  return try_read(*lock, state) ? 0 : to_guest(EBUSY);
}
int il_rw_trywrlock(abi::Rwlock* lock) {
  uint32_t state;
  return try_write(*lock, state) ? 0 : to_guest(EBUSY);
}

int il_pthread_rwlock_timedrdlock(abi::Rwlock* lock, const timespec* time) {
  return to_guest(read(*lock, Deadline::at(time, true)));
}
int il_pthread_rwlock_timedwrlock(abi::Rwlock* lock, const timespec* time) {
  return to_guest(write(*lock, Deadline::at(time, true)));
}
int il_pthread_rwlock_reltimedrdlock_np(abi::Rwlock* lock, const timespec* left) {
  return to_guest(read(*lock, Deadline::in(left)));
}
int il_pthread_rwlock_reltimedwrlock_np(abi::Rwlock* lock, const timespec* left) {
  return to_guest(write(*lock, Deadline::in(left)));
}
int il_pthread_rwlock_clockrdlock(abi::Rwlock* lock, int clock, const timespec* time) {
  bool realtime;
  if (!wait_clock(clock, realtime)) return to_guest(EINVAL);
  return to_guest(read(*lock, Deadline::at(time, realtime)));
}
int il_pthread_rwlock_clockwrlock(abi::Rwlock* lock, int clock, const timespec* time) {
  bool realtime;
  if (!wait_clock(clock, realtime)) return to_guest(EINVAL);
  return to_guest(write(*lock, Deadline::at(time, realtime)));
}

int il_rw_read_held(abi::Rwlock* lock) {
  const uint32_t state = lock->state.load() & ~kAwaited;
  return state != 0 && (state & kWriter) == 0 && reads_held > 0 ? 1 : 0;
}
int il_rw_write_held(abi::Rwlock* lock) { return is_mine(*lock) ? 1 : 0; }

int il_pthread_rwlockattr_init(Place* place) {
  place->shared = static_cast<int*>(calloc(1, sizeof(int)));
  return place->shared != nullptr ? 0 : to_guest(ENOMEM);
}
int il_pthread_rwlockattr_destroy(Place* place) {
  if (place == nullptr || place->shared == nullptr) return to_guest(EINVAL);
  free(place->shared);
  place->shared = nullptr;
  return 0;
}
int il_pthread_rwlockattr_setpshared(Place* place, int shared) {
  if (place == nullptr || place->shared == nullptr || (shared != 0 && shared != abi::kShared))
    return to_guest(EINVAL);
  *place->shared = shared;
  return 0;
}
int il_pthread_rwlockattr_getpshared(const Place* place, int* shared) {
  if (place == nullptr || place->shared == nullptr || shared == nullptr) return to_guest(EINVAL);
  *shared = *place->shared;
  return 0;
}

}  // extern "C"

}  // namespace portc::illumos
