// SPDX-License-Identifier: MIT
//
// Until when the guest wants to wait: illumos's forms of it.
#pragma once

#include "illumos/rt/futex.h"

namespace portc::illumos {

class Deadline {
 public:
  Deadline() = default;

  // A time of day, or of the monotonic clock. Null: for ever.
  static Deadline at(const timespec* time, bool realtime) {
    Deadline deadline;
    deadline.given_ = time != nullptr;
    deadline.realtime_ = realtime;
    if (time != nullptr) deadline.set(*time);
    return deadline;
  }

  static Deadline in(const timespec* left) {
    if (left == nullptr) return {};
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    now.tv_nsec += left->tv_nsec;
    now.tv_sec += left->tv_sec;
    if (now.tv_nsec >= kSecond) {
      now.tv_nsec -= kSecond;
      ++now.tv_sec;
    }
    Deadline deadline = at(&now, false);
    deadline.valid_ = left->tv_nsec >= 0 && left->tv_nsec < kSecond && left->tv_sec >= 0;
    return deadline;
  }

  bool valid() const { return valid_; }
  bool given() const { return given_; }
  Until until() const { return {given_ ? &time_ : nullptr, realtime_}; }

 private:
  static constexpr long kSecond = 1000000000;

  // The kernel refuses times before its clocks began; they have passed.
  void set(const timespec& time) {
    time_ = time;
    valid_ = time.tv_nsec >= 0 && time.tv_nsec < kSecond;
    if (time_.tv_sec < 0) time_ = {};
  }

  timespec time_ = {};
  bool given_ = false;
  bool realtime_ = false;
  bool valid_ = true;
};

// Clocks as illumos numbers them: is it the time of day? False for one that nothing can wait by.
inline bool wait_clock(int guest, bool& realtime) {
  constexpr int kOldRealtime = 0, kRealtime = 3, kMonotonic = 4;
  realtime = guest == kOldRealtime || guest == kRealtime;
  return realtime || guest == kMonotonic;
}

}  // namespace portc::illumos
