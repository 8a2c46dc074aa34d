// SPDX-License-Identifier: MIT
//
// Where the runtime keeps its own descriptors: high up, so that the program still gets the
// lowest free numbers, and above the soft RLIMIT_NOFILE where that is possible, so that a
// program that closes every number up to its limit does not reach them.
#pragma once

#include "libportc/base/result.h"
#include "libportc/core/port.h"

namespace portc {

// While it lives, descriptors above the soft limit can be made. Needs the registry's lock.
// Another thread that changes the limit at this very moment loses its change.
class HiddenRange {
 public:
  HiddenRange();
  ~HiddenRange();
  HiddenRange(const HiddenRange&) = delete;
  HiddenRange& operator=(const HiddenRange&) = delete;

  // Moves `fd` into the range and records it as hidden; `fd` itself is closed in any case.
  // Errors: those of fcntl F_DUPFD.
  Result<int> adopt(int fd, bool cloexec);

  int base() const { return base_; }

 private:
  int base_;
  bool raised_;
  unsigned long soft_;
  unsigned long hard_;
};

// The hidden descriptors close on exec if, and only if, every number of the port does. Called
// after FD_CLOEXEC has changed on one of them, or a number has come or gone; takes the registry's
// lock. In a vfork child, whose descriptors only the kernel knows, those that it has: `leaving` is
// one that it is about to close.
void hidden_mirror_cloexec(Port& port, int leaving = -1);

}  // namespace portc
