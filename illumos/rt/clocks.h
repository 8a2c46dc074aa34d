// SPDX-License-Identifier: MIT
#pragma once

#include <ctime>

namespace portc::illumos {

constexpr clockid_t kNoClock = -1;

clockid_t clock_to_host(int guest);

// There are no timers that go by a thread's time in user mode (CLOCK_VIRTUAL).
clockid_t timer_clock_to_host(int guest);

}  // namespace portc::illumos
