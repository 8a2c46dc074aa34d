// SPDX-License-Identifier: MIT
//
// The kernel's futexes, as raw calls: what libc makes of them has other layouts than illumos's.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <ctime>

namespace portc::illumos {

// Words in the guest's memory, which it lays out as plain numbers.
using Word = std::atomic<uint32_t>;
static_assert(sizeof(Word) == 4 && Word::is_always_lock_free);

struct Until {
  const timespec* time = nullptr;  // absolute; null: for ever
  bool realtime = false;           // or by the monotonic clock
};

// 0, EAGAIN (it was not `expected`), EINTR, ETIMEDOUT or EINVAL (the time). Leaves errno alone.
inline int futex_wait(Word& word, uint32_t expected, bool shared, const Until& until = {}) {
  const int kept = errno;
  const int flags = (shared ? 0 : FUTEX_PRIVATE_FLAG) | (until.realtime ? FUTEX_CLOCK_REALTIME : 0);
  const long r = syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | flags, expected, until.time, nullptr,
                         FUTEX_BITSET_MATCH_ANY);
  const int error = r == 0 ? 0 : errno;
  errno = kept;
  return error;
}

inline void futex_wake(Word& word, int count, bool shared) {
  const int kept = errno;
  (void)syscall(SYS_futex, &word, FUTEX_WAKE | (shared ? 0 : FUTEX_PRIVATE_FLAG), count);
  errno = kept;
}

// The thread's number as the kernel knows it.
int host_tid();

}  // namespace portc::illumos
