// SPDX-License-Identifier: MIT
//
// illumos's error numbers. A guest has an errno of its own, written only when a call fails: some
// guests clear it, call, and look at it without looking at the result first.
#pragma once

#include <cerrno>

namespace portc::illumos {

extern thread_local int guest_errno;

// From Linux's number to illumos's. One that illumos does not have becomes EIO's.
int errno_to_guest(int host);
int errno_to_host(int guest);

// A call of Linux's has failed.
inline void set_guest_errno() { guest_errno = errno_to_guest(errno); }

// "return fail(EINVAL);", with Linux's number.
inline int fail(int host) {
  guest_errno = errno_to_guest(host);
  return -1;
}

}  // namespace portc::illumos
