// SPDX-License-Identifier: MIT
//
// A helper that runs batches on request: a thread, a forked process, or another program. They
// are driven alike, so that a row may compare a process with a thread and nothing else differs.
#ifndef PORTC_TESTS_BENCH_REMOTE_H
#define PORTC_TESTS_BENCH_REMOTE_H

#include <sys/types.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/support.h"

namespace portc::bench {

class Remote {
 public:
  enum class Where { kThread, kProcess };
  // What a helper does with a request; the nanoseconds it returns are what finish() returns.
  using Body = std::function<double(int what, long ops)>;

  // The body runs in the helper. A process inherits what exists now, as after any fork.
  Remote(Where where, Body body);
  // Starts a program that speaks the protocol on its standard input and output.
  explicit Remote(const std::vector<std::string>& command);
  ~Remote();
  Remote(const Remote&) = delete;
  Remote& operator=(const Remote&) = delete;

  void start(int what, long ops);
  double finish();
  // Whether finish() would return at once, after waiting for that at most `patience_ms`.
  bool is_done(int patience_ms) const;
  double ask(int what, long ops) {
    start(what, ops);
    return finish();
  }

 private:
  void open_pipes();

  Fd request_read_, request_write_;
  Fd reply_read_, reply_write_;
  std::thread thread_;
  pid_t pid_ = -1;
};

}  // namespace portc::bench

#endif  // PORTC_TESTS_BENCH_REMOTE_H
