// SPDX-License-Identifier: MIT
//
// /proc/PID/psinfo, which programs read to know how much memory they use. It is made when it is
// opened, of what Linux's /proc says then: a file in memory.
#include "illumos/rt/psinfo.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "illumos/abi/psinfo.h"

namespace portc::illumos {
namespace {

constexpr char kLp64 = 2;

// 0 unless the path is a process's psinfo.
pid_t process_of(const char* path) {
  char name[16] = "", end = '\0';
  if (sscanf(path, "/proc/%15[^/]/psinf%c", name, &end) != 2 || end != 'o') return 0;
  if (strcmp(strrchr(path, '/'), "/psinfo") != 0) return 0;
  return strcmp(name, "self") == 0 ? getpid() : static_cast<pid_t>(strtol(name, nullptr, 10));
}

// What a file of a process's holds, as a string.
template <size_t kSize>
bool read_text(pid_t process, const char* name, char (&text)[kSize]) {
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/%s", static_cast<int>(process), name);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const ssize_t length = read(file, text, kSize - 1);
  close(file);
  text[length > 0 ? length : 0] = '\0';
  return length >= 0;
}

abi::Timespec ticks_to_time(unsigned long ticks) {
  return {static_cast<int64_t>(ticks / 100), static_cast<int64_t>(ticks % 100) * 10000000};
}

// stat(5): a number, the name in parentheses, then fields from the third on.
bool fill_from_stat(const char* text, abi::ProcessInfo& info) {
  const char* name = strchr(text, '(');
  const char* end = strrchr(text, ')');
  if (name == nullptr || end == nullptr) return false;
  snprintf(info.name, sizeof info.name, "%.*s", static_cast<int>(end - name - 1), name + 1);
  unsigned long user = 0, system = 0, size = 0;
  long threads = 0, pages = 0;
  const int fields = sscanf(
      end + 1,
      " %*c %d %d %d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %ld %*d %*u %lu %ld",
      &info.parent, &info.group, &info.session, &user, &system, &threads, &size, &pages);
  if (fields != 8) return false;
  info.threads = static_cast<int32_t>(threads);
  info.time = ticks_to_time(user + system);
  info.size = size / 1024;
  info.resident = static_cast<uint64_t>(pages) * (static_cast<uint64_t>(getpagesize()) / 1024);
  return true;
}

void fill_arguments(pid_t process, abi::ProcessInfo& info) {
  char text[sizeof info.arguments + 1] = {};
  if (!read_text(process, "cmdline", text)) return;
  for (size_t i = 0; i + 1 < sizeof info.arguments; ++i)
    info.arguments[i] = text[i] == '\0' && text[i + 1] != '\0' ? ' ' : text[i];
}

int file_of(const abi::ProcessInfo& info) {
  const int file = memfd_create("psinfo", MFD_CLOEXEC);
  if (file < 0) return -1;
  if (pwrite(file, &info, sizeof info, 0) == sizeof info) return file;
  close(file);
  errno = ENOMEM;
  return -1;
}

}  // namespace

int open_psinfo(const char* path) {
  const pid_t process = process_of(path);
  abi::ProcessInfo info = {};
  char text[1024];
  errno = ENOENT;
  if (process <= 0 || !read_text(process, "stat", text) || !fill_from_stat(text, info)) {
    errno = ENOENT;
    return -1;
  }
  info.process = process;
  info.data_model = kLp64;
  fill_arguments(process, info);
  return file_of(info);
}

}  // namespace portc::illumos
