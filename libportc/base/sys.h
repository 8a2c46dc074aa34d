// SPDX-License-Identifier: MIT
//
// System calls as the runtime makes them: past libc, because the libc names may be the ones we
// interpose, and because none of our calls may be a cancellation point (cancellation(5) lists
// no port call). sys::raw returns what the kernel returns, -errno included.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>

#include "libportc/base/kill_point.h"
#include "libportc/base/result.h"

namespace portc::sys {

inline long raw(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                long f = 0) {
#if defined(__x86_64__)
  long result;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
#else
  const int saved = errno;
  const long result = ::syscall(number, a, b, c, d, e, f);
  const long out = result == -1 ? -errno : result;
  errno = saved;
  return out;
#endif
}

inline long arg(const void* p) { return reinterpret_cast<long>(p); }

inline Result<int> as_int(long r) {
  if (r < 0) return Errno{static_cast<int>(-r)};
  return static_cast<int>(r);
}

inline Result<void> as_void(long r) {
  if (r < 0) return Errno{static_cast<int>(-r)};
  return {};
}

inline int close(int fd) { return static_cast<int>(raw(SYS_close, fd)); }
inline int getpid() { return static_cast<int>(raw(SYS_getpid)); }
inline int gettid() { return static_cast<int>(raw(SYS_gettid)); }

// fcntl without a pointer argument; -errno on failure.
inline long fcntl(int fd, int command, long argument = 0) {
  return raw(SYS_fcntl, fd, command, argument);
}

inline Result<int> epoll_create() { return as_int(raw(SYS_epoll_create1, EPOLL_CLOEXEC)); }

// 0 or -errno; event.data carries `key`.
inline int epoll_ctl(int epoll, int op, int fd, uint32_t events, uint64_t key) {
  struct epoll_event event;
  event.events = events;
  event.data.u64 = key;
  return static_cast<int>(raw(SYS_epoll_ctl, epoll, op, fd, arg(&event)));
}

// What is ready now, never waits. Count or -errno.
inline int epoll_poll(int epoll, struct epoll_event* events, int max) {
  return static_cast<int>(raw(SYS_epoll_pwait, epoll, arg(events), max, 0, 0, 8));
}

inline Result<int> eventfd(unsigned initial, int flags) {
  return as_int(raw(SYS_eventfd2, static_cast<long>(initial), flags));
}

inline void eventfd_signal(int fd) {
  const uint64_t one = 1;
  (void)raw(SYS_write, fd, arg(&one), sizeof one);
}

// An edge for whoever watches it, and nothing else: the counter, which others may have filled,
// stays as it is, so that this never waits, whatever they have made of O_NONBLOCK.
inline void eventfd_ring(int fd) {
  const uint64_t nothing = planted("wake-counts") ? 1 : 0;
  (void)raw(SYS_write, fd, arg(&nothing), sizeof nothing);
}

inline void eventfd_drain(int fd) {
  uint64_t count = 0;
  (void)raw(SYS_read, fd, arg(&count), sizeof count);
}

// What the kernel's clock says, a known one. Past libc, where somebody may stand in front of
// clock_gettime and tell another time than the kernel's own timers go by; through the vDSO, so
// usually no system call. AS-safe.
void clock_read(clockid_t clock, struct timespec* now);

// Nanoseconds of CLOCK_MONOTONIC.
inline int64_t monotonic_ns() {
  struct timespec now = {};
  clock_read(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

}  // namespace portc::sys
