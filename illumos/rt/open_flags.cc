// SPDX-License-Identifier: MIT
//
// Source: illumos <sys/fcntl.h>, open(2), uts/common/syscall/fcntl.c (F_GETFL, F_SETFL).
#include "illumos/rt/open_flags.h"

#include <fcntl.h>

#include "illumos/rt/numbers.h"

namespace portc::illumos {
namespace {

constexpr Number kFlags[] = {
#include "illumos/tables/open_flags.inc"
};
constexpr int kNdelay = 0x4;
constexpr int kSearch = 0x200000;
constexpr int kExec = 0x400000;
constexpr int kDsync = 0x40;

}  // namespace

int host_open_flags(int guest) {
  int64_t rest = 0;
  auto host = static_cast<int>(host_flags(kFlags, guest, rest));
  if ((guest & kNdelay) != 0) host |= O_NONBLOCK;
  // Both are for a descriptor that names a file and is not for reading it.
  if ((guest & (kSearch | kExec)) != 0) return host | O_PATH;
  return host | (guest & O_ACCMODE);
}

int guest_open_flags(int host) {
  auto guest = static_cast<int>(guest_flags(kFlags, host));
  // Linux's O_SYNC includes O_DSYNC.
  if ((host & O_SYNC) == O_SYNC) guest &= ~kDsync;
  if ((host & O_PATH) != 0) return guest | kSearch;
  return guest | (host & O_ACCMODE);
}

int host_descriptor_flags(int guest, int allowed) {
  int64_t rest = 0;
  const auto host = static_cast<int>(host_flags(kFlags, guest, rest));
  return rest == 0 && (host & ~allowed) == 0 ? host : -1;
}

}  // namespace portc::illumos
