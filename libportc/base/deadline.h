// SPDX-License-Identifier: MIT
//
// A point of CLOCK_MONOTONIC at which a call stops waiting.
#pragma once

#include <cstdint>

#include "libportc/base/sys.h"

namespace portc {

class Deadline {
 public:
  Deadline() : at_(kNever) {}

  static Deadline never() { return Deadline(kNever); }
  static Deadline now() { return Deadline(kNow); }

  // `ts` has been read and checked: 0 <= tv_nsec < 10^9, 0 <= tv_sec. Saturates at never.
  static Deadline after(const struct timespec& ts) {
    if (ts.tv_sec == 0 && ts.tv_nsec == 0) return now();
    constexpr int64_t kLongest = INT64_MAX / 1'000'000'000 / 4;  // 73 years
    if (ts.tv_sec > kLongest) return never();
    return Deadline(sys::monotonic_ns() + ts.tv_sec * int64_t{1'000'000'000} + ts.tv_nsec);
  }

  bool is_now() const { return at_ == kNow; }
  bool is_never() const { return at_ == kNever; }
  bool passed() const { return is_now() || (!is_never() && sys::monotonic_ns() >= at_); }
  int64_t at() const { return at_; }  // ns of CLOCK_MONOTONIC; not for now() and never()

 private:
  static constexpr int64_t kNever = INT64_MAX;
  static constexpr int64_t kNow = INT64_MIN;
  explicit Deadline(int64_t at) : at_(at) {}

  int64_t at_;
};

}  // namespace portc
