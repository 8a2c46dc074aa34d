// SPDX-License-Identifier: MIT
//
// What several scenarios need: clocks, pinning, descriptors that close themselves, and libc's
// functions without our wrappers.
#ifndef PORTC_TESTS_BENCH_SUPPORT_H
#define PORTC_TESTS_BENCH_SUPPORT_H

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include <string>
#include <utility>
#include <vector>

namespace portc::bench {

// Ends the row: the reason goes to whoever waits for its result. Works from every thread and
// from helper processes, which is why it is not an exception.
[[noreturn]] void fail(const char* what, int error);
[[noreturn]] void fail(const std::string& what);

// Where fail() sends the reason; -1: standard error.
void set_fail_fd(int fd);

// What fail() has to call before it ends the process, which runs no destructors.
void on_fail(void (*clean_up)());

// `result` if it is not negative, else fail().
int need(int result, const char* what);
inline void must(bool ok, const char* what) {
  if (!ok) [[unlikely]] {
    fail(what, errno);
  }
}

class Fd {
 public:
  Fd() = default;
  Fd(int fd, const char* what) : fd_(need(fd, what)) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { reset(); }
  void reset() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
    fd_ = -1;
  }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// --- clocks, all in nanoseconds ---

inline double clock_ns(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <typename F>
double on_thread_cpu(F&& work) {
  const double start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  work();
  return clock_ns(CLOCK_THREAD_CPUTIME_ID) - start;
}

template <typename F>
double on_wall(F&& work) {
  const double start = clock_ns(CLOCK_MONOTONIC);
  work();
  return clock_ns(CLOCK_MONOTONIC) - start;
}

// Adds up stretches that are too short for a system call to time them.
class Stopwatch {
 public:
  void start() { start_ = ticks(); }
  void stop() { sum_ += ticks() - start_ - overhead(); }
  double ns() const { return static_cast<double>(sum_) * ns_per_tick(); }

 private:
  static long ticks() {
    unsigned cpu;
    const unsigned long long now = __rdtscp(&cpu);
    _mm_lfence();
    return static_cast<long>(now);
  }
  static long overhead();
  static double ns_per_tick();

  long start_ = 0;
  long sum_ = 0;
};

// --- processors ---

// The processors this process was started with, lowest first.
const std::vector<int>& processors();
void pin_to(int cpu);

// --- libc without our wrappers ---

// This program is linked to libportc, so the plain names may be the library's wrappers. A
// reference is what somebody would have who does not use the library: libc's own functions.
struct Libc {
  decltype(&::close) close;
  decltype(&::poll) poll;
  decltype(&::epoll_ctl) epoll_ctl;
  decltype(&::epoll_wait) epoll_wait;
  decltype(&::epoll_create1) epoll_create1;
  decltype(&::fork) fork;
  decltype(&::_exit) exit_now;
};
const Libc& libc();

// How many descriptors a row may open besides the few that everybody needs, once it has called
// raise_descriptor_limit(), which returns the same. Before anything is opened: the default soft
// limit does not do.
int spare_descriptors();
int raise_descriptor_limit();

// The folder that holds this program.
std::string own_folder();

}  // namespace portc::bench

#endif  // PORTC_TESTS_BENCH_SUPPORT_H
