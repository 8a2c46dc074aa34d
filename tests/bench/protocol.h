// SPDX-License-Identifier: MIT
//
// How the benchmark talks to its helpers over two pipes: one Request, one Reply, in turn.
// Shared with strangers.cc, which must not be linked to anything else of ours.
#ifndef PORTC_TESTS_BENCH_PROTOCOL_H
#define PORTC_TESTS_BENCH_PROTOCOL_H

namespace portc::bench {

inline constexpr int kQuit = -1;  // Request::what: end, without a reply

struct Request {
  int what;  // the helper's own code
  long ops;
};

struct Reply {
  double ns;
};

// The calls that strangers.cc measures; Request::what. A helper program greets with one Reply
// before the first Request: 1 if it sees the library in its process, else 0.
enum class Call { kClose, kPoll, kDup2, kFcntl, kRead };

}  // namespace portc::bench

#endif  // PORTC_TESTS_BENCH_PROTOCOL_H
