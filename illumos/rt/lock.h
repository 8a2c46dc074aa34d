// SPDX-License-Identifier: MIT
//
// A lock for the runtime's own tables, held with all signals blocked: a handler of the guest's may
// need the table that it has interrupted.
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

  // In a fork child: whoever held it is gone.
  void reset_child() { word_.store(kFree); }

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

}  // namespace portc::illumos
