// SPDX-License-Identifier: MIT
//
// What illumos took from Linux with Linux's numbers: eventfd, epoll, timerfd. Signal sets and
// clocks are its own.
// Source: illumos <sys/eventfd.h>, <sys/epoll.h>, <sys/timerfd.h>.
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "illumos/rt/clocks.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/signal_numbers.h"

using namespace portc::illumos;

extern "C" int il_epoll_pwait(int fd, epoll_event* events, int most, int timeout,
                              const abi::SigSet* mask) {
  sigset_t host;
  if (mask != nullptr) host = set_to_host(*mask);
  const int count = epoll_pwait(fd, events, most, timeout, mask != nullptr ? &host : nullptr);
  return count >= 0 ? count : fail(errno);
}

// Linux's number of the monotonic clock is taken too: this function is for programs from there.
extern "C" int il_timerfd_create(int clock, int flags) {
  const clockid_t host = clock == CLOCK_MONOTONIC ? clock : timer_clock_to_host(clock);
  const int fd = timerfd_create(host, flags);
  return fd >= 0 ? fd : fail(errno);
}
