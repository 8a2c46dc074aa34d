// SPDX-License-Identifier: MIT
#include "illumos/loader/place.h"

#include <fcntl.h>

#include "libportc/base/sys.h"

namespace portc::illumos {
namespace {

constexpr char kRuntime[] = "/libportc-illumos.so";

bool hex_digit(char c, uint64_t& value) {
  const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                         : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
                                                : 16;
  if (digit == 16) return false;
  value = value * 16 + digit;
  return true;
}

// A file that is read line by line, the ends of lines too long for the buffer left out.
class Lines {
 public:
  explicit Lines(int file) : file_(file) {}

  bool next(char* line, size_t size) {
    size_t length = 0;
    for (;;) {
      if (at_ == length_ && !fill()) return false;
      const char c = buffer_[at_++];
      if (c == '\n') break;
      if (length + 1 < size) line[length++] = c;
    }
    line[length] = '\0';
    return true;
  }

 private:
  bool fill() {
    const long r = sys::raw(SYS_read, file_, sys::arg(buffer_), sizeof buffer_);
    at_ = 0;
    length_ = r > 0 ? static_cast<size_t>(r) : 0;
    return r > 0;
  }

  int file_;
  size_t at_ = 0, length_ = 0;
  char buffer_[4096];
};

// "7f00-7f01 r-xp 00000000 08:01 123   /path": the path, if the address is inside.
const char* path_if_inside(const char* line, uint64_t address) {
  uint64_t low = 0, high = 0;
  while (hex_digit(*line, low)) ++line;
  if (*line++ != '-') return nullptr;
  while (hex_digit(*line, high)) ++line;
  if (address < low || address >= high) return nullptr;
  while (*line != '\0' && *line != '/') ++line;
  return *line == '/' ? line : nullptr;
}

bool copy(char (&to)[PATH_MAX], const char* from) {
  const size_t size = __builtin_strlen(from) + 1;
  if (size > sizeof to) return false;
  __builtin_memcpy(to, from, size);
  return true;
}

bool own_path(char (&path)[PATH_MAX]) {
  const long file = sys::raw(SYS_open, sys::arg("/proc/self/maps"), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  static char line[PATH_MAX + 128];
  Lines lines(static_cast<int>(file));
  bool found = false;
  while (!found && lines.next(line, sizeof line)) {
    const char* in_line = path_if_inside(line, reinterpret_cast<uint64_t>(&own_path));
    found = in_line != nullptr && copy(path, in_line);
  }
  sys::close(static_cast<int>(file));
  return found;
}

}  // namespace

bool find_place(const char* fallback, Place& place) {
  if (!own_path(place.loader) && (fallback == nullptr || !copy(place.loader, fallback)))
    return false;
  if (!copy(place.directory, place.loader)) return false;
  size_t end = __builtin_strlen(place.directory);
  while (end > 0 && place.directory[end - 1] != '/') --end;
  if (end == 0) return false;
  place.directory[end - 1] = '\0';
  if (end - 1 + sizeof kRuntime > sizeof place.runtime) return false;
  __builtin_memcpy(place.runtime, place.directory, end - 1);
  __builtin_memcpy(place.runtime + end - 1, kRuntime, sizeof kRuntime);
  return true;
}

}  // namespace portc::illumos
