// SPDX-License-Identifier: MIT
#include "libportc/core/owner.h"

#include <sys/stat.h>

#include <atomic>

#include "libportc/base/sys.h"

namespace portc {

constinit Shared<OwnerToken> own_token{};

namespace {

// pid 22 bits (the kernel's PID_MAX_LIMIT) | start time 26 | namespace 16
constexpr int kPidBits = 22;
constexpr int kStartBits = 26;
constexpr uint64_t kPidMask = (uint64_t{1} << kPidBits) - 1;
constexpr uint64_t kStartMask = (uint64_t{1} << kStartBits) - 1;

struct Stat {
  bool found;      // the process is in /proc
  int pid;         // its number there
  bool ended;      // it is a zombie, or dead
  uint64_t start;  // clock ticks after boot
};

char* append(char* out, const char* text) {
  while (*text != '\0') *out++ = *text++;
  return out;
}

uint64_t parse_number(const char* p) {
  uint64_t value = 0;
  for (; *p >= '0' && *p <= '9'; ++p) value = value * 10 + static_cast<uint64_t>(*p - '0');
  return value;
}

// The fields after the command name, which may itself contain spaces and parentheses.
Stat parse_stat(char* text, long size) {
  text[size] = '\0';
  const int pid = static_cast<int>(parse_number(text));
  char* p = text + size;
  while (p > text && *p != ')') --p;
  if (p == text || p + 2 >= text + size) return {};
  p += 2;  // "S ppid ...", field 3
  const char state = *p;
  constexpr int kThreads = 20;
  constexpr int kStart = 22;
  uint64_t threads = 1;
  for (int field = 3; field < kStart; ++field) {
    if (field == kThreads) threads = parse_number(p);
    while (*p != ' ' && *p != '\0') ++p;
    if (*p == '\0') return {};
    ++p;
  }
  // A main thread that has left alone is a zombie, too; its process goes on.
  const bool ended = (state == 'Z' && threads <= 1) || state == 'X';
  return {true, pid, ended, parse_number(p)};
}

// `error` is 0, or why it could not be read.
Stat read_stat(const char* path, int& error) {
  char text[1024];
  const long fd = sys::raw(SYS_openat, AT_FDCWD, sys::arg(path), O_RDONLY | O_CLOEXEC);
  error = fd < 0 ? static_cast<int>(-fd) : 0;
  if (fd < 0) return {};
  const long size = sys::raw(SYS_read, fd, sys::arg(text), sizeof text - 1);
  (void)sys::close(static_cast<int>(fd));
  if (size < 0) error = static_cast<int>(-size);
  if (size <= 0) return {};
  return parse_stat(text, size);
}

Stat read_stat(int pid, int& error) {
  char path[32];
  char digits[12];
  int n = 0;
  for (int rest = pid; rest != 0; rest /= 10) digits[n++] = static_cast<char>('0' + rest % 10);
  char* p = append(path, "/proc/");
  while (n > 0) *p++ = digits[--n];
  *append(p, "/stat") = '\0';
  return read_stat(path, error);
}

// The number of the pid namespace, which has 32 bits. Of this process; 0 if it could not be read.
constinit std::atomic<uint32_t> own_namespace{0};

// Of this process, or of the one it was forked from. A fork child that has no /proc, because it has
// locked itself in somewhere, is in the same namespace, unless it is the first process of its own.
constinit std::atomic<uint32_t> known_namespace{0};

uint32_t read_namespace(int& error) {
  struct stat st = {};
  const long r =
      sys::raw(SYS_newfstatat, AT_FDCWD, sys::arg("/proc/self/ns/pid"), sys::arg(&st), 0);
  if (r < 0) error = static_cast<int>(-r);
  const uint32_t seen = r == 0 ? static_cast<uint32_t>(st.st_ino) : 0;
  own_namespace.store(seen, std::memory_order_relaxed);
  return seen;
}

uint64_t namespace_hash(int pid, int& error) {
  const uint32_t seen = read_namespace(error);
  if (seen != 0 || pid == 1) known_namespace.store(seen, std::memory_order_relaxed);
  return known_namespace.load(std::memory_order_relaxed) & 0xffff;
}

// Without a start time if /proc is that of another namespace, where our numbers are others'.
OwnerToken make_token(int& error) {
  const int pid = sys::getpid();
  const Stat stat = read_stat("/proc/self/stat", error);
  const uint64_t start = stat.found && stat.pid == pid ? stat.start & kStartMask : 0;
  return (static_cast<uint64_t>(pid) & kPidMask) | start << kPidBits |
         namespace_hash(pid, error) << (kPidBits + kStartBits);
}

}  // namespace

OwnerToken owner_make_self() {
  int unused = 0;
  const OwnerToken token = make_token(unused);
  own_token = token;
  return token;
}

Result<void> owner_prepare() {
  int error = 0;
  const OwnerToken token = make_token(error);
  if (error == EMFILE || error == ENFILE || error == ENOMEM) return Errno{error};
  own_token = token;
  return {};
}

void owner_reset_child() {
  own_token = 0;
  own_namespace.store(0, std::memory_order_relaxed);
}

uint32_t owner_namespace() {
  int unused = 0;
  const uint32_t known = own_namespace.load(std::memory_order_relaxed);
  return known != 0 ? known : read_namespace(unused);
}

bool owner_is_dead(OwnerToken owner) {
  const OwnerToken self = owner_self();
  if (owner == self || owner >> (kPidBits + kStartBits) != self >> (kPidBits + kStartBits))
    return false;
  const int pid = static_cast<int>(owner & kPidMask);
  if (sys::raw(SYS_kill, pid, 0) == -ESRCH) return true;
  if ((self >> kPidBits & kStartMask) == 0) return false;  // no /proc, or not ours
  int unused = 0;
  const Stat stat = read_stat(pid, unused);
  if (!stat.found) return false;
  const uint64_t start = owner >> kPidBits & kStartMask;
  return stat.ended || (start != 0 && (stat.start & kStartMask) != start);
}

}  // namespace portc
