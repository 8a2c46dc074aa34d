// SPDX-License-Identifier: MIT
#include "libportc/base/leaf_lock.h"

#include <linux/futex.h>

#include "libportc/base/sys.h"
#include "libportc/base/thread.h"

namespace portc {
namespace {

constexpr uint32_t kSleepers = 0x80000000;
constexpr int kSpins = 60;

uint32_t self() { return static_cast<uint32_t>(thread_id()); }

}  // namespace

bool LeafLock::is_mine() const {
  return (word_.load(std::memory_order_relaxed) & ~kSleepers) == self();
}

bool LeafLock::try_acquire() {
  uint32_t seen = 0;
  return word_.compare_exchange_strong(seen, self(), std::memory_order_acquire);
}

void LeafLock::acquire() { (void)enter(nullptr); }

bool LeafLock::acquire_in_time() {
  constexpr struct timespec kSecond = {1, 0};
  if (enter(&kSecond)) return true;
  if (tls.held == this) tls.held = nullptr;
  return false;
}

bool LeafLock::enter(const struct timespec* limit) {
  // First, so that a handler from here on sees a section.
  if (tls.held == nullptr) tls.held = this;
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  const uint32_t me = self();
  uint32_t seen = 0;
  return word_.compare_exchange_strong(seen, me, std::memory_order_acquire) ||
         acquire_slow(me, limit);
}

bool LeafLock::acquire_slow(uint32_t me, const struct timespec* limit) {
  uint32_t mine = me;
  for (int spin = 0;; ++spin) {
    uint32_t seen = word_.load(std::memory_order_relaxed);
    if (seen == 0) {
      if (word_.compare_exchange_strong(seen, mine, std::memory_order_acquire)) return true;
      continue;
    }
    if (spin < kSpins) {
      __builtin_ia32_pause();
      continue;
    }
    if ((seen & kSleepers) == 0 &&
        !word_.compare_exchange_strong(seen, seen | kSleepers, std::memory_order_relaxed))
      continue;
    mine = me | kSleepers;  // others may be asleep behind us
    const long r = sys::raw(SYS_futex, sys::arg(&word_), FUTEX_WAIT | FUTEX_PRIVATE_FLAG,
                            static_cast<long>(seen | kSleepers), sys::arg(limit));
    if (r == -ETIMEDOUT) return false;
  }
}

void LeafLock::release_tried() {
  if ((word_.exchange(0, std::memory_order_release) & kSleepers) != 0)
    (void)sys::raw(SYS_futex, sys::arg(&word_), FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
}

void LeafLock::release() {
  release_tried();
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  if (tls.held == this) tls.held = nullptr;
}

}  // namespace portc
