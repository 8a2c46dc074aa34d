// SPDX-License-Identifier: MIT
//
// A mutex of this process for a source's own tables. It is a leaf: it may be taken inside a
// port's critical section, and no other lock is taken inside it, so it is never asleep for long.
//
// Taken outside a port's section it counts as a section itself: a signal handler that interrupts
// it finds lock_is_held() and keeps out, and so cannot wait for its own interrupted frame.
#pragma once

#include <time.h>

#include <atomic>
#include <cstdint>

namespace portc {

class LeafLock {
 public:
  void acquire();
  void release();
  // False if it was not to be had in about a second.
  bool acquire_in_time();
  // For signal handlers that interrupted a section, perhaps one of this lock.
  bool try_acquire();
  void release_tried();
  // Is the holder this thread (in the frame that a handler interrupted)?
  bool is_mine() const;
  // In a fork child, whoever held it is gone.
  void reset_child() { word_.store(0, std::memory_order_relaxed); }

 private:
  bool enter(const struct timespec* limit);
  bool acquire_slow(uint32_t me, const struct timespec* limit);

  std::atomic<uint32_t> word_{0};  // the holder's thread id, and a bit: somebody sleeps
};

class LeafGuard {
 public:
  explicit LeafGuard(LeafLock& lock) : lock_(lock) { lock_.acquire(); }
  ~LeafGuard() { lock_.release(); }
  LeafGuard(const LeafGuard&) = delete;
  LeafGuard& operator=(const LeafGuard&) = delete;

 private:
  LeafLock& lock_;
};

}  // namespace portc
