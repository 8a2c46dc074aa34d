// SPDX-License-Identifier: MIT
//
// Who holds the other end of a port in the rows about threads and processes, and how it came to
// hold it.
#ifndef PORTC_TESTS_BENCH_PARTNER_H
#define PORTC_TESTS_BENCH_PARTNER_H

#include "tests/bench/remote.h"

namespace portc::bench {

enum class Partner {
  kThread,  // a thread of this process
  kForked,  // a child, forked when the port existed
  kPassed,  // a process that was there before the port and received it by SCM_RIGHTS
};

inline Remote::Where where(Partner partner) {
  return partner == Partner::kThread ? Remote::Where::kThread : Remote::Where::kProcess;
}

// A pair of connected sockets over which descriptors are passed.
class Passage {
 public:
  Passage();
  void send(int fd) const;
  int receive() const;

 private:
  Fd here_, there_;
};

// One processor for the row's own thread, and one for its partner.
struct Seats {
  int own, partner;
};
Seats same_processor();
Seats two_processors();  // the same one twice where there is only one

// For the names of rows.
std::string describe_seats();

}  // namespace portc::bench

#endif  // PORTC_TESTS_BENCH_PARTNER_H
