// SPDX-License-Identifier: MIT
//
// Locks for the runtime's own tables, held with all signals blocked: a handler of the guest's may
// need the table that it has interrupted. They are all known here, because fork() takes them all:
// a child's tables are whole, whatever other threads were about to do.
#pragma once

#include <csignal>

#include "illumos/rt/futex.h"

namespace portc::illumos {

class Lock {
 public:
  void acquire() {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    uint32_t word = kFree;
    if (!word_.compare_exchange_strong(word, kHeld)) {
      while (word_.exchange(kAwaited) != kFree) futex_wait(word_, kAwaited, false);
    }
    mask_ = before;
  }

  void release() {
    const sigset_t before = mask_;
    if (word_.exchange(kFree) == kAwaited) futex_wake(word_, 1, false);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

 private:
  static constexpr uint32_t kFree = 0, kHeld = 1, kAwaited = 2;

  Word word_{kFree};
  sigset_t mask_ = {};  // the holder's
};

class Locked {
 public:
  explicit Locked(Lock& lock) : lock_(lock) { lock_.acquire(); }
  ~Locked() { lock_.release(); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  Lock& lock_;
};

// Whoever takes several of them takes them in this order.
extern Lock environment_lock, key_lock, aio_lock, timer_lock, semaphore_lock, thread_lock;

// Once, before there are other threads, and before anything of the guest's can ask fork() for a
// call: its own handlers are then called while the locks are free.
void hold_locks_in_forks();

}  // namespace portc::illumos
