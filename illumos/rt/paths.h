// SPDX-License-Identifier: MIT
//
// Names of files: what stands for the current directory, and the part of illumos's /proc that
// programs use to find themselves.
#pragma once

#include <cerrno>

namespace portc::illumos {

// The directory argument of openat and its kind.
int host_directory(int guest);

// /proc/PID/path/a.out, .../cwd, .../root and .../FD are symbolic links on illumos, and elsewhere
// on Linux. Any other path stays what it is.
class HostPath {
 public:
  explicit HostPath(const char* guest);
  operator const char*() const { return path_; }
  bool is_other() const { return is_other_; }

  // Is it this program's own file, which is no link on Linux?
  bool is_program() const { return is_program_; }

 private:
  void translate(const char* process, const char* name);

  const char* path_;
  bool is_other_ = false;
  bool is_program_ = false;
  char buffer_[64];
};

// Makes a call with a path. That is looked at only when Linux knows no such file: so the pointer
// is a good one then, and no other call has become slower.
template <typename Call>
auto with_path(const char* guest, Call call) {
  const auto result = call(guest);
  if (result != -1 || errno != ENOENT) return result;
  const HostPath host(guest);
  if (host.is_other()) return call(static_cast<const char*>(host));
  errno = ENOENT;
  return result;
}

}  // namespace portc::illumos
