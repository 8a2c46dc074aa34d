// SPDX-License-Identifier: MIT
//
// Source: linux/Documentation/locking/robust-futex-ABI.rst for the protocol with the kernel.
#include "libportc/base/robust_lock.h"

#include <linux/futex.h>
#include <sys/mman.h>

#include "libportc/base/kill_point.h"
#include "libportc/base/maps.h"
#include "libportc/base/sys.h"
#include "libportc/base/thread.h"

namespace portc {

namespace {

constexpr uint32_t kOwnerMask = FUTEX_TID_MASK;
constexpr uint32_t kManySpaces = UINT32_MAX;
constexpr int kSpins = 60;  // a section is some 50 ns long; a sleep costs a hundred times that

// How long to wait before asking whether the owner can be the holder.
constexpr struct timespec kOwnerCheck = {1, 0};

constexpr int64_t kPatience = 1'000'000'000;

// An empty list of ours, for a thread that has none. Null if the kernel will not have it. It stays
// for as long as the process: so few threads need one that it is not worth room in all.
RobustHead* register_list() {
  if (planted("no-own-list")) return nullptr;
  const long r = sys::raw(SYS_mmap, 0, sizeof(RobustHead), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (r < 0) return nullptr;
  auto* head = reinterpret_cast<RobustHead*>(r);
  *head = {&head->list, 0, nullptr};
  if (sys::raw(SYS_set_robust_list, r, sizeof(RobustHead)) == 0) return head;
  (void)sys::raw(SYS_munmap, r, sizeof(RobustHead));
  return nullptr;
}

RobustHead* robust_head() {
  if (PORTC_UNLIKELY(!tls.robust_asked)) {
    RobustHead* head = nullptr;
    size_t length = 0;
    const long r = sys::raw(SYS_get_robust_list, 0, sys::arg(&head), sys::arg(&length));
    if (r == 0 && head == nullptr) head = register_list();
    tls.robust = r == 0 ? head : nullptr;
    tls.robust_asked = true;
  }
  return tls.robust;
}

// The kernel finds the futex word at entry + futex_offset.
void announce(uint32_t* word) {
  if (planted("not-robust")) return;
  if (RobustHead* head = robust_head()) {
    head->pending = reinterpret_cast<char*>(word) - head->futex_offset;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
  }
}

void retract() {
  if (tls.robust != nullptr) {
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    tls.robust->pending = nullptr;
  }
}

bool exists(uint32_t tid) { return sys::raw(SYS_tkill, static_cast<long>(tid), 0) != -ESRCH; }

}  // namespace

bool lock_is_held() { return tls.held != nullptr; }

void RobustLock::join(uint32_t space) {
  if (space == 0 || (!space_.exchange_if(0, space) && space_ != space)) space_.release(kManySpaces);
}

// Only when it is certain: a thread that is alive and inside keeps the lock.
bool RobustLock::cannot_hold(uint32_t tid, uint32_t me) {
  if (planted("not-robust")) return false;
  const uint32_t space = space_.acquire();
  if ((space == 0 || space == kManySpaces) && !planted("steals-from-namespaces")) return false;
  if (!exists(tid)) return true;
  if (planted("believes-numbers")) return false;
  return tid == me || maps_surely_lack(static_cast<int>(tid), word_.address());
}

RobustLock::Entry RobustLock::acquire(LeafLock* own, Patience patience) {
  const uint32_t me = static_cast<uint32_t>(thread_id());
  PORTC_ASSERT(tls.held == nullptr);
  // First, so that a signal handler from here on sees a section and keeps out of it.
  tls.held = this;
  if (PORTC_UNLIKELY(own != nullptr)) {
    if (patience == Patience::kEndless) {
      own->acquire();
    } else if (!own->acquire_in_time()) {
      tls.held = nullptr;
      return Entry::kBusy;
    }
  }
  announce(word_.address());
  kill_point("acquire.announced");
  if (PORTC_LIKELY(word_.exchange_if(0, me))) return Entry::kClean;
  return acquire_slow(me, own, patience);
}

RobustLock::Entry RobustLock::acquire_slow(uint32_t me, LeafLock* own, Patience patience) {
  const bool endless = patience == Patience::kEndless;
  const int64_t limit = endless ? 0 : sys::monotonic_ns() + kPatience;
  bool late = false;
  uint32_t waiters = 0;  // set once we slept: others may be asleep behind us
  for (int spin = 0;; ++spin) {
    uint32_t seen = word_.acquire();
    if ((seen & kOwnerMask) == 0) {
      const uint32_t mine = me | waiters | (seen & FUTEX_WAITERS);
      if (!word_.exchange_if(seen, mine)) continue;
      return (seen & FUTEX_OWNER_DIED) != 0 ? Entry::kOwnerDied : Entry::kClean;
    }
    if (spin < kSpins) {
      __builtin_ia32_pause();
      continue;
    }
    if ((seen & FUTEX_WAITERS) == 0) {
      if (!word_.exchange_if(seen, seen | FUTEX_WAITERS)) continue;
      seen |= FUTEX_WAITERS;
    }
    if (late) {
      leave(own);
      return Entry::kBusy;
    }
    const long r = sys::raw(SYS_futex, sys::arg(word_.address()), FUTEX_WAIT,
                            static_cast<long>(seen), sys::arg(&kOwnerCheck));
    waiters = FUTEX_WAITERS;
    kill_point("acquire.slept");
    // By the clock: others may wake us as often as they like.
    if (!endless && !planted("counts-timeouts")) late = sys::monotonic_ns() >= limit;
    if (r != -ETIMEDOUT) continue;
    if (cannot_hold(seen & kOwnerMask, me) && word_.exchange_if(seen, me | waiters))
      return Entry::kOwnerDied;
    if (!endless) late = true;
  }
}

void RobustLock::leave(LeafLock* own) {
  retract();
  if (PORTC_UNLIKELY(own != nullptr)) own->release();
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  tls.held = nullptr;
}

void RobustLock::release(LeafLock* own) {
  uint32_t* word = word_.address();
  const uint32_t was = __atomic_exchange_n(word, 0, __ATOMIC_RELEASE);
  kill_point("leave.free");
  if (PORTC_UNLIKELY((was & FUTEX_WAITERS) != 0))
    (void)sys::raw(SYS_futex, sys::arg(word), FUTEX_WAKE, 1);
  kill_point("leave.woken");
  leave(own);
}

}  // namespace portc
