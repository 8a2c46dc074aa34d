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
// lock_is_held() first. A thread for which nobody has registered a list (made by a raw clone or
// fork) registers one of ours.
//
// So a death goes unannounced only where a sandbox refuses these system calls, or where the word
// was written over. Who has waited for a second then asks whether the thread that the word names
// can be the holder, and takes the lock if it cannot: no thread has that number; or it is the
// asker; or its process does not have the memory mapped, so that the number was given to another
// thread since. When in doubt it can, and the wait goes on, as for a process that is stopped. A
// number means nothing if the threads that use the lock are of more than one pid namespace: then
// nobody takes it from anybody. So everybody says where it is from before it first takes the lock.
//
// Nothing may be called inside a section that takes a robust pthread mutex, or that returns
// through a longjmp.
#pragma once

#include <cstdint>

#include "libportc/base/leaf_lock.h"
#include "libportc/base/shared.h"

namespace portc {

class RobustLock {
 public:
  enum class Entry {
    kClean,      // the last holder left in good order
    kOwnerDied,  // it died inside: repair the protected state before anything else
    kBusy,       // it was not to be had in time
  };
  enum class Patience {
    kEndless,
    kSecond,  // or a little more
  };

  // This process is about to use the lock. `space` is its pid namespace, 0 if not known.
  void join(uint32_t space);

  // Locks: this one; the thread must hold none. kBusy only if the patience has an end.
  //   own  null, or what keeps the threads of this process apart. The word lies in memory that
  //        others may write, who could let several threads in at once; what only this process
  //        can write must not suffer from that.
  // Not AS-safe by itself: callers check lock_is_held().
  Entry acquire(LeafLock* own = nullptr, Patience patience = Patience::kEndless);
  void release(LeafLock* own = nullptr);

 private:
  Entry acquire_slow(uint32_t me, LeafLock* own, Patience patience);
  bool cannot_hold(uint32_t tid, uint32_t me);
  static void leave(LeafLock* own);

  // All zero bytes at rest, as in a fresh segment.
  Shared<uint32_t> word_;
  Shared<uint32_t> space_;  // the users' pid namespace; 0: none yet; kManySpaces
};
static_assert(sizeof(RobustLock) == 8);

// Is this thread inside any section? True only in a signal handler that interrupted one.
bool lock_is_held();

}  // namespace portc
