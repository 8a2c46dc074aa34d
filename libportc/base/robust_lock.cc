// SPDX-License-Identifier: MIT
//
// Source: linux/Documentation/locking/robust-futex-ABI.rst for the protocol with the kernel.
#include "libportc/base/robust_lock.h"

#include <linux/futex.h>

#include "libportc/base/kill_point.h"
#include "libportc/base/sys.h"
#include "libportc/base/thread.h"

namespace portc {

// struct robust_list_head of <linux/futex.h>, with the members spelled for what they do here.
struct RobustHead {
  void* list;
  long futex_offset;
  void* pending;
};

namespace {

constexpr uint32_t kOwnerMask = FUTEX_TID_MASK;
constexpr int kSpins = 60;  // a section is some 50 ns long; a sleep costs a hundred times that

// How long to wait before asking whether the owner exists at all.
constexpr struct timespec kOwnerCheck = {1, 0};

RobustHead* robust_head() {
  if (PORTC_UNLIKELY(!tls.robust_asked)) {
    RobustHead* head = nullptr;
    size_t length = 0;
    const long r = sys::raw(SYS_get_robust_list, 0, sys::arg(&head), sys::arg(&length));
    tls.robust = r == 0 && length >= sizeof(RobustHead) ? head : nullptr;
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

RobustLock::Entry RobustLock::acquire() {
  const uint32_t me = static_cast<uint32_t>(thread_id());
  PORTC_ASSERT(tls.held == nullptr);
  // First, so that a signal handler from here on sees a section and keeps out of it.
  tls.held = this;
  announce(word_.address());
  kill_point("acquire.announced");
  if (PORTC_LIKELY(word_.exchange_if(0, me))) return Entry::kClean;
  return acquire_slow(me);
}

RobustLock::Entry RobustLock::acquire_slow(uint32_t me) {
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
    const long r = sys::raw(SYS_futex, sys::arg(word_.address()), FUTEX_WAIT,
                            static_cast<long>(seen), sys::arg(&kOwnerCheck));
    waiters = FUTEX_WAITERS;
    kill_point("acquire.slept");
    // An owner that is not a thread here: it died unseen, or the word was scribbled on.
    if (r == -ETIMEDOUT && !planted("not-robust") && !exists(seen & kOwnerMask) &&
        word_.exchange_if(seen, me | waiters))
      return Entry::kOwnerDied;
  }
}

void RobustLock::release() {
  uint32_t* word = word_.address();
  const uint32_t was = __atomic_exchange_n(word, 0, __ATOMIC_RELEASE);
  kill_point("leave.free");
  if (PORTC_UNLIKELY((was & FUTEX_WAITERS) != 0))
    (void)sys::raw(SYS_futex, sys::arg(word), FUTEX_WAKE, 1);
  kill_point("leave.woken");
  retract();
  tls.held = nullptr;
}

}  // namespace portc
