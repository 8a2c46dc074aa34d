// SPDX-License-Identifier: MIT
#include "libportc/base/local_lock.h"

#include <linux/futex.h>

namespace portc {

void LocalLock::acquire() {
  const uint64_t all = ~uint64_t{0};
  uint64_t mask = 0;
  (void)sys::raw(SYS_rt_sigprocmask, SIG_SETMASK, sys::arg(&all), sys::arg(&mask), 8);
  uint32_t seen = 0;
  if (!word_.compare_exchange_strong(seen, 1, std::memory_order_acquire)) {
    while (word_.exchange(2, std::memory_order_acquire) != 0)
      (void)sys::raw(SYS_futex, sys::arg(&word_), FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 2, 0);
  }
  mask_ = mask;
}

void LocalLock::release() {
  const uint64_t mask = mask_;
  if (word_.exchange(0, std::memory_order_release) == 2)
    (void)sys::raw(SYS_futex, sys::arg(&word_), FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
  (void)sys::raw(SYS_rt_sigprocmask, SIG_SETMASK, sys::arg(&mask), 0, 8);
}

}  // namespace portc
