// SPDX-License-Identifier: MIT
//
// A mutex in memory shared between processes, which the kernel releases when its holder dies.
//
// It is one 32-bit futex word in the format of the kernel's robust futexes (owner's thread id,
// FUTEX_WAITERS, FUTEX_OWNER_DIED), and nothing else: pthread's robust mutex keeps list
// pointers inside the shared memory, and a hostile peer could make libc write through them.
// Instead, the holder announces the word as the `list_op_pending` entry of the robust list that
// libc registered for the thread, for the length of the critical section; the kernel looks at
// that entry when the thread dies. That gives one lock per thread at a time, which is all the
// runtime ever takes: a nested attempt (a signal handler inside a section) must ask
// lock_is_held() first.
//
// Nothing may be called inside a section that takes a robust pthread mutex, or that returns
// through a longjmp.
#pragma once

#include <cstdint>

#include "libportc/base/shared.h"

namespace portc {

class RobustLock {
 public:
  enum class Entry {
    kClean,      // the last holder left in good order
    kOwnerDied,  // it died inside: repair the protected state before anything else
  };

  // Locks: this one; the thread must hold none. Waits without a timeout, but takes the lock
  // from an owner that no longer exists (its death went unseen when the memory was corrupted).
  // Not AS-safe by itself: callers check lock_is_held().
  Entry acquire();
  void release();

 private:
  Entry acquire_slow(uint32_t me);

  Shared<uint32_t> word_;  // all zero bytes at rest, as in a fresh segment
};
static_assert(sizeof(RobustLock) == 4);

// Is this thread inside any section? True only in a signal handler that interrupted one.
bool lock_is_held();

}  // namespace portc
