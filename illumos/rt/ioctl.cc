// SPDX-License-Identifier: MIT
//
// ioctl: by the table if the argument is the same, otherwise to those who know it.
#include <asm/sockios.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "illumos/rt/errno.h"
#include "illumos/rt/interfaces.h"
#include "illumos/rt/numbers.h"
#include "illumos/rt/socket_address.h"
#include "illumos/rt/terminal.h"

namespace portc::illumos {
namespace {

constexpr Number kRequests[] = {
#include "illumos/tables/ioctl.inc"
};

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" int il_ioctl(int fd, int request, void* argument) {
  const auto number = static_cast<unsigned>(request);
  const int64_t host = host_number(kRequests, int64_t{number}, -1);
  int result = 0;
  if (host >= 0) {
    result = ioctl(fd, static_cast<unsigned long>(host), argument);
    return result >= 0 ? result : socket_result(-1);
  }
  if (terminal_ioctl(fd, number, argument, result)) return result;
  if (interface_ioctl(fd, number, argument, result)) return result;
  // Linux says ENOTTY to what it does not know, and EBADF before that.
  result = ioctl(fd, 0UL, nullptr);
  return fail(result < 0 && errno == EBADF ? EBADF : ENOTTY);
}

// There are no streams here that messages could be put on.
extern "C" int il_getmsg(int fd) {
  const int result = ioctl(fd, 0UL, nullptr);
  return fail(result < 0 && errno == EBADF ? EBADF : ENOSTR);
}
