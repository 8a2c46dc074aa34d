// SPDX-License-Identifier: MIT
//
// Cancellation of threads. A thread is told with a signal (kNudge). It ends at once if it asked
// for that, or if it is inside a call that is a cancellation point; otherwise at the next one.
#pragma once

#include <csignal>

#include "illumos/rt/futex.h"

namespace portc::illumos {

extern thread_local bool in_cancel_point;

// A word that the thread is about to sleep on, holding something that it must first give back: it
// is changed by the signal, so that the thread wakes up and can look whether it is to end.
extern thread_local Word* changed_by_cancel;

// Ends the thread if it is to be cancelled, and lets itself be.
void test_cancel();

// In a handler, of a thread that had this mask.
void cancel_if_asked(const sigset_t& mask);

// Around a call of Linux's that may wait. What the call has got is lost if the thread is cancelled
// just then.
class CancelPoint {
 public:
  CancelPoint() {
    in_cancel_point = true;
    test_cancel();
  }
  ~CancelPoint() { in_cancel_point = false; }
  CancelPoint(const CancelPoint&) = delete;
  CancelPoint& operator=(const CancelPoint&) = delete;
};

// In a handler that may have interrupted one.
class NoCancelPoint {
 public:
  NoCancelPoint() : before_(in_cancel_point) { in_cancel_point = false; }
  ~NoCancelPoint() { in_cancel_point = before_; }
  NoCancelPoint(const NoCancelPoint&) = delete;
  NoCancelPoint& operator=(const NoCancelPoint&) = delete;

 private:
  bool before_;
};

}  // namespace portc::illumos
