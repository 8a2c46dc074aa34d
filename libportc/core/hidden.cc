// SPDX-License-Identifier: MIT
#include "libportc/core/hidden.h"

#include <sys/resource.h>

#include "libportc/base/sys.h"
#include "libportc/core/attach.h"
#include "libportc/core/fdinfo.h"
#include "libportc/core/process.h"
#include "libportc/core/registry.h"

namespace portc {
namespace {

// fork copies the descriptor table up to the highest number: below 4096 that costs nothing.
constexpr unsigned long kPreferredTop = 4096;
constexpr unsigned long kBaseBelowLimit = 3072;

bool number_stays_on_exec(int fd) {
  const long flags = sys::fcntl(fd, F_GETFD);
  return flags >= 0 && (flags & FD_CLOEXEC) == 0;
}

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

struct NumberSearch {
  const Port* port;
  int leaving;
  bool stays;
};

void look_at_number(void* context, int fd) {
  NumberSearch& search = *static_cast<NumberSearch*>(context);
  if (search.stays || fd == search.leaving || !number_stays_on_exec(fd)) return;
  search.stays = port_is_at(*search.port, fd);
}

bool any_open_number_stays(const Port& port, int leaving) {
  NumberSearch search = {&port, leaving, false};
  return !fd_each_open(look_at_number, &search) || search.stays;  // in doubt they stay
}

void set_cloexec(const Port& port, bool closes) {
  for (const int part : {port.memory_fd, port.doorbell_fd, port.wake_fd})
    (void)sys::fcntl(part, F_SETFD, closes ? FD_CLOEXEC : 0);
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

void hidden_mirror_cloexec(Port& port, int leaving) {
  if (process_is_vfork_child()) {
    set_cloexec(port, !any_open_number_stays(port, leaving));
    return;
  }
  LocalLockGuard guard(registry_lock);
  if (port.numbers != 0) set_cloexec(port, !any_number_stays(port));
}

}  // namespace portc
