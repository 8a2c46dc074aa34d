// SPDX-License-Identifier: MIT
//
// What the system's and a file's limits are.
//
// Sources: illumos sysconf(3C), pathconf(2), confstr(3C), <sys/unistd.h>.
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"

namespace portc::illumos {
namespace {

constexpr Number kAsked[] = {
#include "illumos/tables/sysconf.inc"
};
constexpr Number kFixed[] = {
#include "illumos/tables/sysconf_values.inc"
};
constexpr Number kPathNames[] = {
#include "illumos/tables/pathconf.inc"
};
constexpr int kUnknown = -2;

constexpr int kXopenVersion = 12, kPassMax = 9;
constexpr int kAclEnabled = 20, kMinHoleSize = 21, kXattrEnabled = 100, kXattrExists = 101;
constexpr int kCsPath = 65;
constexpr char kPath[] = "/usr/xpg4/bin:/usr/ccs/bin:/usr/bin:/opt/SUNWspro/bin";

// -1 without an error means that there is no limit.
template <typename Call>
long unless_error(Call call) {
  const int before = errno;
  errno = 0;
  const long result = call();
  if (result == -1 && errno != 0) set_guest_errno();
  errno = before;
  return result;
}

template <typename Call>
long path_limit(int name, Call call) {
  if (name == kAclEnabled || name == kXattrEnabled || name == kXattrExists) return 0;
  if (name == kMinHoleSize) return -1;
  const auto host = static_cast<int>(host_number(kPathNames, name, kUnknown));
  return host == kUnknown ? fail(EINVAL) : unless_error([&] { return call(host); });
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

long il_sysconf(int name) {
  const auto host = static_cast<int>(host_number(kAsked, name, kUnknown));
  if (host != kUnknown) return unless_error([&] { return sysconf(host); });
  const int64_t fixed = host_number(kFixed, name, kUnknown);
  return fixed == kUnknown ? fail(EINVAL) : fixed;
}

long il___sysconf_xpg5(int name) {
  if (name == kXopenVersion) return 500;
  return name == kPassMax ? 8 : il_sysconf(name);
}

long il_pathconf(const char* path, int name) {
  return path_limit(name, [&](int host) { return pathconf(path, host); });
}

long il_fpathconf(int file, int name) {
  return path_limit(name, [&](int host) { return fpathconf(file, host); });
}

size_t il_confstr(int name, char* buffer, size_t size) {
  if (name != kCsPath) {
    fail(EINVAL);
    return 0;
  }
  if (buffer != nullptr && size > 0) {
    strncpy(buffer, kPath, size - 1);
    buffer[size - 1] = '\0';
  }
  return sizeof kPath;
}

}  // extern "C"
