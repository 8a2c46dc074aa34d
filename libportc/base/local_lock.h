// SPDX-License-Identifier: MIT
//
// A mutex of this process, for the rare operations that change which descriptor is what. It is
// held with all signals blocked: close(2) is async-signal-safe, needs this lock, and must not
// meet its own interrupted frame inside.
#pragma once

#include <atomic>
#include <cstdint>

#include "libportc/base/sys.h"

namespace portc {

class LocalLock {
 public:
  void acquire();
  void release();
  // In a fork child, whoever held it is gone.
  void reset_child() { word_.store(0, std::memory_order_relaxed); }

 private:
  std::atomic<uint32_t> word_{0};  // 0 free, 1 held, 2 held and somebody sleeps
  uint64_t mask_ = 0;              // the holder's signal mask
};

class LocalLockGuard {
 public:
  explicit LocalLockGuard(LocalLock& lock) : lock_(lock) { lock_.acquire(); }
  ~LocalLockGuard() { lock_.release(); }
  LocalLockGuard(const LocalLockGuard&) = delete;
  LocalLockGuard& operator=(const LocalLockGuard&) = delete;

 private:
  LocalLock& lock_;
};

}  // namespace portc
