// SPDX-License-Identifier: MIT
#include "libportc/base/usermem.h"

#include <linux/futex.h>

#include <cstdint>

#include "libportc/base/sys.h"
#include "libportc/base/thread.h"

namespace portc {
namespace {

constexpr uintptr_t kPage = 4096;

// Reads eight bytes of the page and fails with EINVAL for the impossible `how`, which comes
// after the copy; EFAULT if the copy failed.
bool page_readable(uintptr_t page) {
  return sys::raw(SYS_rt_sigprocmask, -1, static_cast<long>(page), 0, 8) != -EFAULT;
}

// Ors nothing into the first word of the page: an atomic write that changes nothing.
bool page_writable(uintptr_t page) {
  constexpr long kOrZero = FUTEX_OP(FUTEX_OP_OR, 0, FUTEX_OP_CMP_LT, 0);
  uint32_t unused = 0;
  return sys::raw(SYS_futex, sys::arg(&unused), FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 0, 0,
                  static_cast<long>(page), kOrZero) != -EFAULT;
}

template <typename Probe>
bool each_page(uintptr_t low, uintptr_t high, Probe probe) {
  for (uintptr_t page = low & ~(kPage - 1); page < high; page += kPage)
    if (!probe(page)) return false;
  return true;
}

bool remembered(uintptr_t low, uintptr_t high) {
  return low >= tls.checked_low && high <= tls.checked_high;
}

}  // namespace

bool user_readable(const void* address, size_t size) {
  const uintptr_t low = reinterpret_cast<uintptr_t>(address);
  const uintptr_t high = low + size;
  if (size == 0) return true;
  if (low < kPage || high < low) return false;  // the probe would take page 0 for no address
  if (PORTC_LIKELY(remembered(low, high))) return true;
  const uintptr_t page = low & ~(kPage - 1);
  const bool one = high - page <= kPage;
  if (one && page == tls.checked_page) return true;
  if (!each_page(low, high, page_readable)) return false;
  if (one) tls.checked_page = page;
  return true;
}

bool user_writable(void* address, size_t size) {
  const uintptr_t low = reinterpret_cast<uintptr_t>(address);
  const uintptr_t high = low + size;
  if (size == 0) return true;
  if (low == 0 || high < low) return false;
  if (PORTC_LIKELY(remembered(low, high))) return true;
  if (!each_page(low, high, page_writable)) return false;
  tls.checked_low = low & ~(kPage - 1);
  tls.checked_high = (high + kPage - 1) & ~(kPage - 1);
  return true;
}

}  // namespace portc
