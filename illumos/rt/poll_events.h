// SPDX-License-Identifier: MIT
//
// Events of poll(2). Linux tells POLLWRNORM from POLLOUT, and has other numbers for two.
// Source: illumos <sys/poll.h>.
#pragma once

#include <poll.h>

namespace portc::illumos {

constexpr int kGuestPollWrBand = 0x100;
constexpr int kGuestPollRdHup = 0x4000;

inline int poll_to_host(int guest) {
  int host = guest & ~(kGuestPollWrBand | kGuestPollRdHup);
  if ((guest & kGuestPollWrBand) != 0) host |= POLLWRBAND;
  if ((guest & kGuestPollRdHup) != 0) host |= POLLRDHUP;
  return host;
}

inline int poll_to_guest(int host) {
  int guest = host & ~(POLLWRBAND | POLLWRNORM | POLLRDHUP);
  if ((host & POLLWRNORM) != 0) guest |= POLLOUT;
  if ((host & POLLWRBAND) != 0) guest |= kGuestPollWrBand;
  if ((host & POLLRDHUP) != 0) guest |= kGuestPollRdHup;
  return guest;
}

}  // namespace portc::illumos
