// SPDX-License-Identifier: MIT
#include "libportc/core/exec.h"

#include "libportc/base/sys.h"
#include "libportc/core/hidden.h"
#include "libportc/core/owner.h"
#include "libportc/core/process.h"
#include "libportc/core/registry.h"
#include "libportc/core/source.h"

namespace portc {
namespace {

// Closing one's duplicate of the memory drops the record locks of other threads, too; so one at a
// time, and a second thread executes without an announcement.
constinit std::atomic<bool> under_way{false};

struct flock byte_of(uint32_t place, short type) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = place;
  lock.l_len = 1;
  return lock;
}

// True when in doubt.
bool is_locked(int memory_fd, uint32_t place) {
  struct flock lock = byte_of(place, F_WRLCK);
  return sys::fcntl(memory_fd, F_GETLK, sys::arg(&lock)) != 0 || lock.l_type != F_UNLCK;
}

// A close-on-exec duplicate of the memory that has the lock; -1 if that cannot be had.
int lock_place(const Port& port, uint32_t place) {
  const long copy = sys::fcntl(port.memory_fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return -1;
  LocalLockGuard guard(registry_lock);
  HiddenRange range;
  const Result<int> fd = range.adopt(static_cast<int>(copy), true);
  if (!fd) return -1;
  struct flock lock = byte_of(place, F_WRLCK);
  if (sys::fcntl(*fd, F_SETLK, sys::arg(&lock)) == 0) return *fd;
  registry_close_hidden(*fd);
  return -1;
}

void unlock_place(Port& port) {
  registry_close_hidden(port.leaver_fd);
  port.leaver_fd = -1;
}

uint32_t free_place(const PortHeader& header) {
  uint32_t place = 0;
  while (place < kLeavers && header.leavers[place].owner != 0) ++place;
  return place;
}

// A descriptor is close-on-exec if, and only if, the port's numbers are: hidden.h.
bool closes_on_exec(const Port& port) {
  const long flags = sys::fcntl(port.memory_fd, F_GETFD);
  return flags >= 0 && (flags & FD_CLOEXEC) != 0;
}

// The announcement comes last: until then the marks mean nothing.
void announce(Port& port) {
  PortGuard guard(port, Purpose::kExit);
  if (!guard || !port.announced || port.leaver_fd >= 0) return;
  PortHeader& header = port.segment.header();
  const uint32_t place = free_place(header);
  if (place == kLeavers) return;
  const bool port_too = closes_on_exec(port);
  if (!sources_mark_leaving(port, port_too)) return;
  port.leaver_fd = lock_place(port, place);
  if (port.leaver_fd < 0) return sources_unmark(port);
  Leaver& leaver = header.leavers[place];
  leaver.port_too = port_too;
  leaver.owner = owner_self();
  // Everybody looks, and this process need not.
  if (port.epoch_seen == header.epoch) ++port.epoch_seen;
  header.epoch = header.epoch + 1;
}

void retract(Port& port) {
  if (port.leaver_fd < 0) return;
  PortGuard guard(port, Purpose::kGiveUp);
  if (guard) exec_arrived(port);
  unlock_place(port);
}

}  // namespace

bool exec_begin() {
  process_check();
  if (lock_is_held() || process_is_vfork_child()) return false;
  if (under_way.exchange(true, std::memory_order_acquire)) return false;
  bool announced = false;
  each_port([&announced](Port& port) {
    if (!process_may_share(port)) return;
    announce(port);
    announced = announced || port.leaver_fd >= 0;
  });
  if (!announced) under_way.store(false, std::memory_order_release);
  return announced;
}

void exec_failed() {
  each_port(retract);
  under_way.store(false, std::memory_order_release);
}

bool exec_settle(Port& port) {
  PortHeader& header = port.segment.header();
  const OwnerToken self = owner_self();
  bool settled = true;
  for (uint32_t place = 0; place < kLeavers; ++place) {
    Leaver& leaver = header.leavers[place];
    const OwnerToken owner = leaver.owner;
    if (owner == 0 || owner == self) continue;
    if (is_locked(port.memory_fd, place)) {
      settled = false;
      continue;
    }
    sources_left(port, owner, leaver.port_too != 0);
    leaver.owner = 0;
  }
  return settled;
}

void exec_arrived(Port& port) {
  for (Leaver& leaver : port.segment.header().leavers)
    if (leaver.owner == owner_self()) leaver.owner = 0;
  sources_unmark(port);
}

void exec_rejoined(Port& port) {
  const OwnerToken self = owner_self();
  for (Leaver& leaver : port.segment.header().leavers) {
    if (leaver.owner != self) continue;
    sources_left(port, self, leaver.port_too != 0);
    leaver.owner = 0;
  }
}

void exec_reset_child() { under_way.store(false, std::memory_order_relaxed); }

}  // namespace portc
