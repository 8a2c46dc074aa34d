// SPDX-License-Identifier: MIT
#include "libportc/core/hidden.h"

#include <sys/resource.h>

#include "libportc/base/sys.h"
#include "libportc/core/registry.h"

namespace portc {
namespace {

// fork copies the descriptor table up to the highest number: below 4096 that costs nothing.
constexpr unsigned long kPreferredTop = 4096;
constexpr unsigned long kBaseBelowLimit = 3072;

bool number_stays_on_exec(int fd) { return (sys::fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0; }

bool any_number_stays(const Port& port) {
  const int first = port.fd.load(std::memory_order_relaxed);
  if (port.numbers <= 1) return first >= 0 && number_stays_on_exec(first);
  uint32_t seen = 0;
  for (int fd = 0; fd <= registry_highest() && seen < port.numbers; ++fd) {
    if (descriptor_record(fd)->port.load(std::memory_order_relaxed) != &port) continue;
    if (number_stays_on_exec(fd)) return true;
    ++seen;
  }
  return false;
}

}  // namespace

HiddenRange::HiddenRange() : base_(0), raised_(false), soft_(0), hard_(0) {
  struct rlimit limit;
  if (sys::raw(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, sys::arg(&limit)) != 0) return;
  soft_ = limit.rlim_cur;
  hard_ = limit.rlim_max;
  if (soft_ <= kPreferredTop && hard_ > soft_) {
    base_ = static_cast<int>(soft_);
    limit.rlim_cur = limit.rlim_max;
    raised_ = sys::raw(SYS_prlimit64, 0, RLIMIT_NOFILE, sys::arg(&limit), 0) == 0;
  }
  if (!raised_) {
    const unsigned long room = soft_ - soft_ / 4;
    base_ = static_cast<int>(room < kBaseBelowLimit ? room : kBaseBelowLimit);
  }
}

HiddenRange::~HiddenRange() {
  if (!raised_) return;
  const struct rlimit limit = {soft_, hard_};
  (void)sys::raw(SYS_prlimit64, 0, RLIMIT_NOFILE, sys::arg(&limit), 0);
}

Result<int> HiddenRange::adopt(int fd, bool cloexec) {
  const int command = cloexec ? F_DUPFD_CLOEXEC : F_DUPFD;
  const long r = sys::fcntl(fd, command, base_);
  if (r < 0) {  // a small limit: the number it has is better than none
    (void)sys::fcntl(fd, F_SETFD, cloexec ? FD_CLOEXEC : 0);
    registry_hide(fd);
    return fd;
  }
  (void)sys::close(fd);
  registry_hide(static_cast<int>(r));
  return static_cast<int>(r);
}

void hidden_mirror_cloexec(Port& port) {
  LocalLockGuard guard(registry_lock);
  if (port.numbers == 0) return;
  const long flag = any_number_stays(port) ? 0 : FD_CLOEXEC;
  (void)sys::fcntl(port.memory_fd, F_SETFD, flag);
  (void)sys::fcntl(port.doorbell_fd, F_SETFD, flag);
  (void)sys::fcntl(port.wake_fd, F_SETFD, flag);
}

}  // namespace portc
