// SPDX-License-Identifier: MIT
//
// A robust mutex's owner that has died is found by asking the kernel for its thread: now and then
// while somebody waits. (Linux's own robust futexes are libc's, one list for each thread.)
//
// Source: mutex_init(3C), pthread_mutex_lock(3C), pthread_mutexattr_setrobust(3C) of illumos.
#include "illumos/rt/mutex.h"

#include <signal.h>

#include <cstdlib>

#include "illumos/rt/errno.h"
#include "illumos/rt/threads.h"

namespace portc::illumos {
namespace {

constexpr uint32_t kFree = 0, kHeld = 1, kAwaited = 2;
constexpr int kSpins = 64;
constexpr uint8_t kMaxDepth = 255;
// The kinds that only their owner can unlock.
constexpr uint8_t kOwned = abi::kRecursive | abi::kErrorCheck | abi::kRobust | abi::kSharedRobust;

bool is_robust(const abi::Mutex& mutex) {
  return (mutex.type & (abi::kRobust | abi::kSharedRobust)) != 0;
}

// A dead owner's thread is asked for by its number.
uint64_t owner_for(const abi::Mutex& mutex) {
  return owner_token(is_shared(mutex) || is_robust(mutex));
}

bool is_dead(uint64_t owner) {
  if (owner == 0) return false;
  const int kept = errno;
  const bool gone = syscall(SYS_tgkill, static_cast<int>(owner >> 32),
                            static_cast<int>(owner & 0xffffffff), 0) != 0 &&
                    errno == ESRCH;
  errno = kept;
  return gone;
}

bool try_word(abi::Mutex& mutex) {
  uint32_t word = kFree;
  return mutex.word.compare_exchange_strong(word, kHeld, std::memory_order_acquire);
}

// Takes over from an owner that is no more.
bool inherit(abi::Mutex& mutex, uint64_t me) {
  uint64_t owner = mutex.owner.load();
  if (!is_dead(owner) || !mutex.owner.compare_exchange_strong(owner, me)) return false;
  mutex.word.store(kAwaited);
  mutex.flags |= abi::kOwnerDead;
  mutex.depth = 0;
  return true;
}

int taken(abi::Mutex& mutex, uint64_t me) {
  mutex.owner.store(me, std::memory_order_relaxed);
  if (__builtin_expect((mutex.flags & abi::kNotRecoverable) != 0 && is_robust(mutex), 0)) {
    (void)unlock(mutex);
    return ENOTRECOVERABLE;
  }
  return 0;
}

// The caller has it already. -1 if it has not.
int again(abi::Mutex& mutex, uint64_t me, bool trying) {
  constexpr uint8_t kChecking = abi::kRecursive | abi::kErrorCheck;
  if ((mutex.type & kChecking) == 0 || mutex.owner.load(std::memory_order_relaxed) != me) return -1;
  if ((mutex.type & abi::kRecursive) == 0) return trying ? EBUSY : EDEADLK;
  if (mutex.depth == kMaxDepth) return EAGAIN;
  ++mutex.depth;
  return 0;
}

bool spin(abi::Mutex& mutex) {
  for (int i = 0; i < kSpins; ++i) {
    if (mutex.word.load(std::memory_order_relaxed) == kFree && try_word(mutex)) return true;
    __builtin_ia32_pause();
  }
  return false;
}

// The time until which to sleep before the owner is looked at.
timespec soon() {
  constexpr long kPeriod = 50000000, kSecond = 1000000000;
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  time.tv_nsec += kPeriod;
  if (time.tv_nsec >= kSecond) {
    time.tv_nsec -= kSecond;
    ++time.tv_sec;
  }
  return time;
}

bool has_passed(const Until& until) {
  if (until.time == nullptr) return false;
  timespec now;
  clock_gettime(until.realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
  return now.tv_sec > until.time->tv_sec ||
         (now.tv_sec == until.time->tv_sec && now.tv_nsec >= until.time->tv_nsec);
}

int wait_robust(abi::Mutex& mutex, uint64_t me, const Deadline& deadline) {
  while (mutex.word.exchange(kAwaited, std::memory_order_acquire) != kFree) {
    if (inherit(mutex, me)) return EOWNERDEAD;
    const timespec time = soon();
    futex_wait(mutex.word, kAwaited, is_shared(mutex), {&time, false});
    if (has_passed(deadline.until())) return ETIMEDOUT;
  }
  return taken(mutex, me);
}

int wait(abi::Mutex& mutex, uint64_t me, const Deadline& deadline) {
  if (!deadline.valid()) return EINVAL;
  if (is_robust(mutex)) return wait_robust(mutex, me, deadline);
  while (mutex.word.exchange(kAwaited, std::memory_order_acquire) != kFree) {
    const int error = futex_wait(mutex.word, kAwaited, is_shared(mutex), deadline.until());
    if (error == ETIMEDOUT || error == EINVAL) return error;
  }
  return taken(mutex, me);
}

int try_lock(abi::Mutex& mutex) {
  const uint64_t me = owner_for(mutex);
  if (try_word(mutex)) return taken(mutex, me);
  const int error = again(mutex, me, true);
  if (error != -1) return error;
  return is_robust(mutex) && inherit(mutex, me) ? EOWNERDEAD : EBUSY;
}

int init(abi::Mutex& mutex, uint8_t type) {
  constexpr uint8_t kKnown = abi::kShared | abi::kErrorCheck | abi::kRecursive |
                             abi::kSharedRobust | abi::kPrioInherit | abi::kPrioProtect |
                             abi::kRobust;
  if ((type & ~kKnown) != 0) return EINVAL;
  mutex.flags = abi::kInited;
  mutex.flag2 = 0;
  mutex.ceiling = 0;
  mutex.type = type;
  mutex.depth = 0;
  mutex.magic = abi::kMutexMagic;
  mutex.word.store(kFree);
  mutex.owner.store(0);
  return 0;
}

int make_consistent(abi::Mutex& mutex) {
  if (!is_robust(mutex) || (mutex.flags & abi::kOwnerDead) == 0 ||
      mutex.owner.load() != owner_for(mutex))
    return EINVAL;
  mutex.flags = static_cast<uint16_t>(mutex.flags & ~abi::kOwnerDead);
  return 0;
}

int to_guest(int error) { return error == 0 ? 0 : errno_to_guest(error); }

struct Attributes {
  uint8_t shared = 0;
  uint8_t type = 0;
  uint8_t protocol = 0;
  uint8_t robust = 0;
  int ceiling = 0;
};
struct Place {
  Attributes* attributes;
};

int put(const Place* place, uint8_t Attributes::*member, int value, bool allowed) {
  if (place == nullptr || place->attributes == nullptr || !allowed) return to_guest(EINVAL);
  place->attributes->*member = static_cast<uint8_t>(value);
  return 0;
}

int get(const Place* place, uint8_t Attributes::*member, int* out) {
  if (place == nullptr || place->attributes == nullptr || out == nullptr) return to_guest(EINVAL);
  *out = place->attributes->*member;
  return 0;
}

}  // namespace

int lock(abi::Mutex& mutex, const Deadline& deadline) {
  const uint64_t me = owner_for(mutex);
  if (__builtin_expect(try_word(mutex), 1)) return taken(mutex, me);
  const int error = again(mutex, me, false);
  if (error != -1) return error;
  if (spin(mutex)) return taken(mutex, me);
  return wait(mutex, me, deadline);
}

bool may_unlock(const abi::Mutex& mutex) {
  return (mutex.type & kOwned) == 0 ||
         mutex.owner.load(std::memory_order_relaxed) == owner_for(mutex);
}

int unlock(abi::Mutex& mutex) {
  if (!may_unlock(mutex)) return EPERM;
  if ((mutex.type & kOwned) != 0) {
    if (mutex.depth > 0) {
      --mutex.depth;
      return 0;
    }
    if (is_robust(mutex) && (mutex.flags & abi::kOwnerDead) != 0)
      mutex.flags = static_cast<uint16_t>((mutex.flags & ~abi::kOwnerDead) | abi::kNotRecoverable);
  }
  const bool shared = is_shared(mutex);
  mutex.owner.store(0, std::memory_order_relaxed);
  if (mutex.word.exchange(kFree, std::memory_order_release) == kAwaited)
    futex_wake(mutex.word, 1, shared);
  return 0;
}

extern "C" {

int il_mutex_init(abi::Mutex* mutex, int type, void* ceiling) {
  const int error = init(*mutex, static_cast<uint8_t>(type));
  if (error == 0 && (type & abi::kPrioProtect) != 0 && ceiling != nullptr)
    mutex->ceiling = static_cast<uint8_t>(*static_cast<int*>(ceiling));
  return to_guest(error);
}

int il_pthread_mutex_init(abi::Mutex* mutex, const Place* place) {
  const Attributes usual;
  const Attributes* attributes = place != nullptr ? place->attributes : &usual;
  if (attributes == nullptr) return to_guest(EINVAL);
  const int type =
      attributes->shared | attributes->type | attributes->protocol | attributes->robust;
  const int error = init(*mutex, static_cast<uint8_t>(type));
  mutex->ceiling = static_cast<uint8_t>(attributes->ceiling);
  return to_guest(error);
}

int il_mutex_destroy(abi::Mutex* mutex) {
  mutex->magic = 0;
  mutex->flags = 0;
  return 0;
}

int il_mutex_lock(abi::Mutex* mutex) { return to_guest(lock(*mutex)); }
int il_mutex_trylock(abi::Mutex* mutex) { return to_guest(try_lock(*mutex)); }
int il_mutex_unlock(abi::Mutex* mutex) { return to_guest(unlock(*mutex)); }

// These end the process rather than fail.
void il_mutex_enter(abi::Mutex* mutex) {
  const int error = lock(*mutex);
  if (error != 0 && error != EOWNERDEAD) abort();
}
void il_mutex_exit(abi::Mutex* mutex) {
  if (unlock(*mutex) != 0) abort();
}

int il_mutex_held(abi::Mutex* mutex) { return mutex->owner.load() == owner_for(*mutex) ? 1 : 0; }

int il_mutex_consistent(abi::Mutex* mutex) { return to_guest(make_consistent(*mutex)); }

int il_pthread_mutex_timedlock(abi::Mutex* mutex, const timespec* time) {
  return to_guest(lock(*mutex, Deadline::at(time, true)));
}
int il_pthread_mutex_reltimedlock_np(abi::Mutex* mutex, const timespec* left) {
  return to_guest(lock(*mutex, Deadline::in(left)));
}
int il_pthread_mutex_clocklock(abi::Mutex* mutex, int clock, const timespec* time) {
  bool realtime;
  if (!wait_clock(clock, realtime)) return to_guest(EINVAL);
  return to_guest(lock(*mutex, Deadline::at(time, realtime)));
}
int il_pthread_mutex_relclocklock_np(abi::Mutex* mutex, int clock, const timespec* left) {
  bool realtime;
  if (!wait_clock(clock, realtime)) return to_guest(EINVAL);
  return to_guest(lock(*mutex, Deadline::in(left)));
}

int il_pthread_mutex_getprioceiling(const abi::Mutex* mutex, int* ceiling) {
  *ceiling = mutex->ceiling;
  return 0;
}
int il_pthread_mutex_setprioceiling(abi::Mutex* mutex, int ceiling, int* before) {
  if ((mutex->type & abi::kPrioProtect) == 0) return to_guest(EINVAL);
  if (before != nullptr) *before = mutex->ceiling;
  mutex->ceiling = static_cast<uint8_t>(ceiling);
  return 0;
}

int il_pthread_mutexattr_init(Place* place) {
  auto* made = static_cast<Attributes*>(malloc(sizeof(Attributes)));
  if (made == nullptr) return to_guest(ENOMEM);
  *made = Attributes{};
  place->attributes = made;
  return 0;
}
int il_pthread_mutexattr_destroy(Place* place) {
  if (place == nullptr || place->attributes == nullptr) return to_guest(EINVAL);
  free(place->attributes);
  place->attributes = nullptr;
  return 0;
}
int il_pthread_mutexattr_setpshared(Place* place, int shared) {
  return put(place, &Attributes::shared, shared, shared == 0 || shared == abi::kShared);
}
int il_pthread_mutexattr_getpshared(const Place* place, int* shared) {
  return get(place, &Attributes::shared, shared);
}
int il_pthread_mutexattr_settype(Place* place, int type) {
  return put(place, &Attributes::type, type,
             type == 0 || type == abi::kErrorCheck || type == abi::kRecursive);
}
int il_pthread_mutexattr_gettype(const Place* place, int* type) {
  return get(place, &Attributes::type, type);
}
int il_pthread_mutexattr_setprotocol(Place* place, int protocol) {
  return put(place, &Attributes::protocol, protocol,
             protocol == 0 || protocol == abi::kPrioInherit || protocol == abi::kPrioProtect);
}
int il_pthread_mutexattr_getprotocol(const Place* place, int* protocol) {
  return get(place, &Attributes::protocol, protocol);
}
int il_pthread_mutexattr_setrobust(Place* place, int robust) {
  return put(place, &Attributes::robust, robust, robust == 0 || robust == abi::kRobust);
}
int il_pthread_mutexattr_getrobust(const Place* place, int* robust) {
  return get(place, &Attributes::robust, robust);
}
int il_pthread_mutexattr_setprioceiling(Place* place, int ceiling) {
  if (place == nullptr || place->attributes == nullptr) return to_guest(EINVAL);
  place->attributes->ceiling = ceiling;
  return 0;
}
int il_pthread_mutexattr_getprioceiling(const Place* place, int* ceiling) {
  if (place == nullptr || place->attributes == nullptr) return to_guest(EINVAL);
  *ceiling = place->attributes->ceiling;
  return 0;
}

// A spin lock is a mutex of which nobody sleeps for long.
int il_pthread_spin_init(abi::Mutex* spin_lock, int shared) {
  if (shared != 0 && shared != abi::kShared) return to_guest(EINVAL);
  return to_guest(init(*spin_lock, static_cast<uint8_t>(shared)));
}

}  // extern "C"

}  // namespace portc::illumos
