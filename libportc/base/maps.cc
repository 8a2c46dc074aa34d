// SPDX-License-Identifier: MIT
#include "libportc/base/maps.h"

#include <cstdint>
#include <cstring>

#include "libportc/base/sys.h"

namespace portc {
namespace {

constexpr size_t kPathSize = 40;

// Lines of a file in /proc, which are looked at as far as they fit into `text`.
class Lines {
 public:
  explicit Lines(const char* path)
      : fd_(static_cast<int>(
            sys::raw(SYS_openat, AT_FDCWD, sys::arg(path), O_RDONLY | O_CLOEXEC))) {}
  ~Lines() {
    if (fd_ >= 0) (void)sys::close(fd_);
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  // Null at the end, or when it cannot be read. A line that is too long comes in pieces.
  const char* next();
  bool complete() const { return complete_; }

 private:
  int fd_;
  size_t at_ = 0, filled_ = 0;
  bool complete_ = false;  // the end has been reached
  char text_[2048];
};

const char* Lines::next() {
  for (;;) {
    char* const line = text_ + at_;
    if (char* end = static_cast<char*>(memchr(line, '\n', filled_ - at_))) {
      *end = '\0';
      at_ = static_cast<size_t>(end + 1 - text_);
      return line;
    }
    memmove(text_, line, filled_ - at_);
    filled_ -= at_;
    at_ = 0;
    if (filled_ == sizeof text_ - 1) {
      text_[filled_] = '\0';
      filled_ = 0;
      return text_;
    }
    const long got = fd_ < 0 ? -EBADF
                             : sys::raw(SYS_read, fd_, sys::arg(text_ + filled_),
                                        static_cast<long>(sizeof text_ - 1 - filled_));
    complete_ = got == 0;
    if (got <= 0) return nullptr;
    filled_ += static_cast<size_t>(got);
  }
}

// Reads a number in base 16, and steps over it and the character after it.
uint64_t hexadecimal(const char*& p) {
  uint64_t value = 0;
  for (;; ++p) {
    unsigned digit;
    if (*p >= '0' && *p <= '9')
      digit = static_cast<unsigned>(*p - '0');
    else if (*p >= 'a' && *p <= 'f')
      digit = static_cast<unsigned>(*p - 'a') + 10;
    else
      break;
    value = value * 16 + digit;
  }
  if (*p != '\0') ++p;
  return value;
}

struct Mapping {
  uintptr_t low, high;
  uint64_t major, minor;
  uint64_t inode;  // 0: private memory
};

// "7f00-7f20 rw-s 00000000 00:01 1037   /memfd:portc (deleted)"
Mapping parse(const char* p) {
  Mapping mapping = {};
  mapping.low = hexadecimal(p);
  mapping.high = hexadecimal(p);
  while (*p != ' ' && *p != '\0') ++p;
  if (*p != '\0') ++p;
  (void)hexadecimal(p);
  mapping.major = hexadecimal(p);
  mapping.minor = hexadecimal(p);
  for (; *p >= '0' && *p <= '9'; ++p)
    mapping.inode = mapping.inode * 10 + static_cast<uint64_t>(*p - '0');
  return mapping;
}

// The mapping at that address here; with inode 0 if it is not found.
Mapping mapping_at(const void* address) {
  const auto at = reinterpret_cast<uintptr_t>(address);
  Lines lines("/proc/self/maps");
  while (const char* line = lines.next()) {
    const Mapping mapping = parse(line);
    if (mapping.low <= at && at < mapping.high) return mapping;
  }
  return {};
}

// Are the numbers in /proc those of this process's pid namespace? The status of a process has its
// number in each namespace from that of /proc to its own.
bool numbers_are_ours() {
  constexpr char kLabel[] = "NSpid:";
  Lines lines("/proc/self/status");
  while (const char* line = lines.next()) {
    if (strncmp(line, kLabel, sizeof kLabel - 1) != 0) continue;
    const char* const first = strchr(line, '\t');
    return first != nullptr && strchr(first + 1, '\t') == nullptr;
  }
  return false;
}

void make_path(char (&path)[kPathSize], int tid) {
  char digits[12];
  int n = 0;
  for (; tid > 0; tid /= 10) digits[n++] = static_cast<char>('0' + tid % 10);
  char* p = path;
  memcpy(p, "/proc/", 6);
  p += 6;
  while (n > 0) *p++ = digits[--n];
  memcpy(p, "/maps", sizeof "/maps");
}

}  // namespace

bool maps_surely_lack(int tid, const void* address) {
  const Mapping wanted = mapping_at(address);
  if (wanted.inode == 0 || !numbers_are_ours()) return false;
  char path[kPathSize];
  make_path(path, tid);
  Lines lines(path);
  while (const char* line = lines.next()) {
    const Mapping mapping = parse(line);
    if (mapping.inode == wanted.inode && mapping.major == wanted.major &&
        mapping.minor == wanted.minor)
      return false;
  }
  return lines.complete();
}

}  // namespace portc
