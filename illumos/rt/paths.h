// SPDX-License-Identifier: MIT
//
// Names of files: what stands for the current directory, and the part of illumos's /proc that
// programs use to find themselves.
#pragma once

#include <climits>

namespace portc::illumos {

// The directory argument of openat and its kind.
int host_directory(int guest);

// The path to hand to Linux. /proc/PID/path/a.out, .../cwd, .../root and .../FD are symbolic
// links on illumos; elsewhere on Linux. Everything else, also a null pointer, is left as it is.
class HostPath {
 public:
  explicit HostPath(const char* guest);
  operator const char*() const { return path_; }

  // Is it this program's own file, which is no link on Linux?
  bool is_program() const { return is_program_; }

 private:
  void translate(const char* process, const char* name);

  const char* path_;
  bool is_program_ = false;
  char buffer_[64];
};

}  // namespace portc::illumos
