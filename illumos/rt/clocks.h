// SPDX-License-Identifier: MIT
//
// Clocks that timers go by. Source: illumos <sys/time_impl.h>.
#pragma once

#include <ctime>

namespace portc::illumos {

constexpr clockid_t kNoClock = -1;

inline clockid_t timer_clock_to_host(int guest) {
  switch (guest) {
    case 0:  // an older CLOCK_REALTIME
    case 3:
      return CLOCK_REALTIME;
    case 2:
      return CLOCK_THREAD_CPUTIME_ID;
    case 4:  // also CLOCK_HIGHRES
      return CLOCK_MONOTONIC;
    case 5:
      return CLOCK_PROCESS_CPUTIME_ID;
    default:
      return kNoClock;
  }
}

}  // namespace portc::illumos
