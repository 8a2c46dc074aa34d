// SPDX-License-Identifier: MIT
#include "libportc/core/fdinfo.h"

#include <dirent.h>

#include <cstring>

#include "libportc/base/sys.h"

namespace portc {
namespace {

constexpr size_t kPathSize = 48;

void make_path(char (&path)[kPathSize], const char* directory, int fd) {
  char digits[12];
  int n = 0;
  do {
    digits[n++] = static_cast<char>('0' + fd % 10);
    fd /= 10;
  } while (fd != 0);
  const size_t length = strlen(directory);
  memcpy(path, directory, length);
  char* p = path + length;
  while (n > 0) *p++ = digits[--n];
  *p = '\0';
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return 99;
}

// The name of an entry of /proc/self/fd; -1 for the directory itself.
int parse_number(const char* name) {
  int value = 0;
  for (; *name != '\0'; ++name) {
    if (*name < '0' || *name > '9') return -1;
    value = value * 10 + (*name - '0');
  }
  return value;
}

// The number after `label`, anywhere in the line. False if the label is not there.
bool field(const char* line, const char* label, unsigned base, uint64_t& value) {
  const char* p = strstr(line, label);
  if (p == nullptr) return false;
  p += strlen(label);
  while (*p == ' ') ++p;
  value = 0;
  for (; static_cast<unsigned>(digit(*p)) < base; ++p)
    value = value * base + static_cast<unsigned>(digit(*p));
  return true;
}

// "tfd:  5 events:  19 data:  d0...  pos:0 ino:f sdev:d"
bool parse_item(const char* line, EpollItem& item) {
  uint64_t fd = 0;
  if (!field(line, "tfd:", 10, fd) || !field(line, "data:", 16, item.key)) return false;
  item.fd = static_cast<int>(fd);
  return true;
}

}  // namespace

bool fdinfo_each_item(int fd, bool (*visit)(void*, const EpollItem&), void* context) {
  char path[kPathSize];
  make_path(path, "/proc/self/fdinfo/", fd);
  const long r = sys::raw(SYS_openat, AT_FDCWD, sys::arg(path), O_RDONLY | O_CLOEXEC);
  if (r < 0) return false;
  const int info = static_cast<int>(r);
  char text[2048];
  size_t kept = 0;
  bool known = true;
  for (bool more = true; more;) {
    const long got =
        sys::raw(SYS_read, info, sys::arg(text + kept), static_cast<long>(sizeof text - 1 - kept));
    known = got >= 0;
    if (got <= 0) break;
    text[kept + static_cast<size_t>(got)] = '\0';
    char* line = text;
    while (char* end = strchr(line, '\n')) {
      *end = '\0';
      EpollItem item;
      if (parse_item(line, item) && !visit(context, item)) {
        more = false;
        break;
      }
      line = end + 1;
    }
    kept = strlen(line);
    memmove(text, line, kept);
  }
  (void)sys::close(info);
  return known;
}

bool fd_each_open(void (*visit)(void*, int), void* context) {
  const long r = sys::raw(SYS_openat, AT_FDCWD, sys::arg("/proc/self/fd"),
                          O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (r < 0) return false;
  alignas(struct dirent64) char text[2048];
  long got;
  while ((got = sys::raw(SYS_getdents64, r, sys::arg(text), sizeof text)) > 0) {
    for (long at = 0; at < got;) {
      const auto* entry = reinterpret_cast<const struct dirent64*>(text + at);
      at += entry->d_reclen;
      const int fd = parse_number(entry->d_name);
      if (fd >= 0 && fd != r) visit(context, fd);
    }
  }
  (void)sys::close(static_cast<int>(r));
  return true;
}

bool fd_is_eventfd(int fd) {
  char path[kPathSize];
  make_path(path, "/proc/self/fd/", fd);
  char target[64];
  const long length = sys::raw(SYS_readlink, sys::arg(path), sys::arg(target), sizeof target);
  if (length < 0) return length != -EBADF && sys::fcntl(fd, F_GETFD) >= 0;
  constexpr char kEventfd[] = "anon_inode:[eventfd]";
  return static_cast<size_t>(length) == sizeof kEventfd - 1 &&
         memcmp(target, kEventfd, sizeof kEventfd - 1) == 0;
}

}  // namespace portc
