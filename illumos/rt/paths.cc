// SPDX-License-Identifier: MIT
//
// Source: illumos proc(5), "/proc/pid/path".
#include "illumos/rt/paths.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "illumos/rt/start.h"

namespace portc::illumos {
namespace {

constexpr int kAtFdcwd = static_cast<int>(0xffd19553);
constexpr char kProc[] = "/proc/";
constexpr char kPath[] = "/path/";

bool is_self(const char* process, size_t length) {
  if (length == 4 && memcmp(process, "self", 4) == 0) return true;
  char own[16];
  const int n = snprintf(own, sizeof own, "%d", static_cast<int>(getpid()));
  return static_cast<size_t>(n) == length && memcmp(process, own, length) == 0;
}

}  // namespace

int host_directory(int guest) { return guest == kAtFdcwd ? AT_FDCWD : guest; }

HostPath::HostPath(const char* guest) : path_(guest) {
  if (strncmp(guest, kProc, sizeof kProc - 1) != 0) return;
  const char* process = guest + sizeof kProc - 1;
  const char* slash = strchr(process, '/');
  if (slash == nullptr || strncmp(slash, kPath, sizeof kPath - 1) != 0) return;
  translate(process, slash + sizeof kPath - 1);
}

void HostPath::translate(const char* process, const char* name) {
  const auto length = static_cast<int>(strchr(process, '/') - process);
  const bool number = name[0] >= '0' && name[0] <= '9';
  if (length > 16 || strlen(name) > 16) return;
  if (strcmp(name, "a.out") == 0) {
    // What the kernel takes for the program is our loader, unless it started the guest itself.
    if (!handover().from_kernel && is_self(process, static_cast<size_t>(length))) {
      path_ = program_path();
      is_other_ = is_program_ = true;
      return;
    }
    name = "exe";
  } else if (strcmp(name, "cwd") != 0 && strcmp(name, "root") != 0 && !number) {
    return;
  }
  snprintf(buffer_, sizeof buffer_, "/proc/%.*s/%s%s", length, process, number ? "fd/" : "", name);
  path_ = buffer_;
  is_other_ = true;
}

}  // namespace portc::illumos
