// SPDX-License-Identifier: MIT
#include "tests/bench/support.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <algorithm>

namespace portc::bench {
namespace {

int fail_fd = -1;
void (*fail_clean_up)() = nullptr;

template <typename F>
void resolve(void* handle, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(handle, name));
  if (function == nullptr) {
    fail(std::string("libc has no ") + name);
  }
}

Libc load_libc() {
  void* handle = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
  if (handle == nullptr) {
    fail("libc.so.6 is not loaded");
  }
  Libc table;
  resolve(handle, "close", table.close);
  resolve(handle, "poll", table.poll);
  resolve(handle, "epoll_ctl", table.epoll_ctl);
  resolve(handle, "epoll_wait", table.epoll_wait);
  resolve(handle, "epoll_create1", table.epoll_create1);
  resolve(handle, "fork", table.fork);
  resolve(handle, "_exit", table.exit_now);
  return table;
}

}  // namespace

void set_fail_fd(int fd) { fail_fd = fd; }
void on_fail(void (*clean_up)()) { fail_clean_up = clean_up; }

void fail(const std::string& what) {
  // First, because who reads the reason may kill us; and only once, because it may fail itself.
  if (const auto clean_up = std::exchange(fail_clean_up, nullptr)) {
    clean_up();
  }
  const int fd = fail_fd >= 0 ? fail_fd : STDERR_FILENO;
  // A line each: a helper's reason may be followed by that of whoever waited for the helper.
  const std::string text = (fail_fd >= 0 ? what : "bench: " + what) + "\n";
  // The reader copes with a missing reason, and there is nobody else to tell.
  [[maybe_unused]] const ssize_t n = ::write(fd, text.data(), text.size());
  ::_exit(2);
}

void fail(const char* what, int error) { fail(std::string(what) + ": " + strerror(error)); }

int need(int result, const char* what) {
  if (result < 0) {
    fail(what, errno);
  }
  return result;
}

long Stopwatch::overhead() {
  static const long value = [] {
    long best = LONG_MAX;
    for (int i = 0; i < 1000; i++) {
      const long start = ticks();
      best = std::min(best, ticks() - start);
    }
    return best;
  }();
  return value;
}

double Stopwatch::ns_per_tick() {
  static const double value = [] {
    const long start = ticks();
    const double start_ns = clock_ns(CLOCK_MONOTONIC);
    while (clock_ns(CLOCK_MONOTONIC) < start_ns + 5e6) {
    }
    return (clock_ns(CLOCK_MONOTONIC) - start_ns) / static_cast<double>(ticks() - start);
  }();
  return value;
}

const std::vector<int>& processors() {
  static const std::vector<int> list = [] {
    cpu_set_t set;
    need(sched_getaffinity(0, sizeof set, &set), "sched_getaffinity");
    std::vector<int> found;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
      if (CPU_ISSET(cpu, &set)) {
        found.push_back(cpu);
      }
    }
    return found;
  }();
  return list;
}

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  need(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
}

const Libc& libc() {
  static const Libc table = load_libc();
  return table;
}

int spare_descriptors() {
  constexpr int kOthers = 300;
  rlimit limit;
  need(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  return static_cast<int>(std::min<rlim_t>(limit.rlim_max, 1 << 20)) - kOthers;
}

int raise_descriptor_limit() {
  rlimit limit;
  need(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  need(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
  return spare_descriptors();
}

std::string own_folder() {
  char path[PATH_MAX];
  const int length = need(static_cast<int>(readlink("/proc/self/exe", path, sizeof path)),
                          "readlink /proc/self/exe");
  const std::string file(path, static_cast<size_t>(length));
  return file.substr(0, file.rfind('/'));
}

}  // namespace portc::bench
