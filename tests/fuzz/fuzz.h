// SPDX-License-Identifier: MIT
//
// What the harnesses share. Each is a libFuzzer program: bytes in, a crash, a hang or a failed
// EXPECT out. The runtime is compiled into it, with address and undefined-behaviour sanitizers.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "include/port.h"
#include "libportc/api/hooks.h"
#include "libportc/api/wrappers.h"

#define EXPECT(condition) ((condition) ? (void)0 : fuzz::failed(__FILE__, __LINE__, #condition))

namespace fuzz {

[[noreturn]] inline void failed(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
  std::abort();
}

// The bytes of one run. At the end it gives zeros.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  bool empty() const { return at_ == size_; }
  uint8_t byte() { return empty() ? 0 : data_[at_++]; }
  uint32_t number(int bytes) {
    uint32_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | byte();
    return value;
  }
  uint32_t word() { return number(4); }
  uint64_t wide() {
    const uint64_t high = word();
    return high << 32 | word();
  }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
};

// Once: few slots, and the wrappers count as in effect, so that ports need not be exact.
inline void prepare() {
  static const bool done = [] {
    setenv("PORTC_MAX_EVENTS", "24", 1);
    portc_private_probed(portc::kProbeFd);
    return true;
  }();
  (void)done;
}

// As the wrapper of close does.
inline void close_as_program(int fd) {
  if (fd >= 0 && portc_private_closing(fd) == 0) EXPECT(close(fd) == 0);
}

// Ends the run if other descriptors are open than after the first one, and says which.
inline void expect_no_leak() {
  constexpr int kEvery = 64;
  constexpr int kHighest = 8192;
  static bool before[kHighest];
  static int runs = 0;
  const bool first = runs == 0;
  if (runs++ % kEvery != 0) return;
  bool same = true;
  for (int fd = 0; fd < kHighest; ++fd) {
    const bool open = fcntl(fd, F_GETFD) >= 0;
    if (first) before[fd] = open;
    if (open == before[fd]) continue;
    same = false;
    char path[32];
    char what[64] = {};
    std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    (void)!readlink(path, what, sizeof what - 1);
    std::fprintf(stderr, "descriptor %d was %s, and is %s\n", fd, before[fd] ? "open" : "closed",
                 open ? what : "closed");
  }
  EXPECT(same);
}

}  // namespace fuzz
