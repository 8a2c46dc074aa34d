// SPDX-License-Identifier: MIT
#include "libportc/core/descriptor.h"

#include "libportc/base/kill_point.h"
#include "libportc/base/sys.h"
#include "libportc/core/attach.h"
#include "libportc/core/hidden.h"
#include "libportc/core/process.h"
#include "libportc/core/registry.h"
#include "libportc/core/source.h"
#include "libportc/core/wait.h"

namespace portc {
namespace {

void dissociate(Port& port, int fd) {
  if (!port_is_used(port)) return;
  PortGuard guard(port, Purpose::kGiveUp);
  if (guard && port.announced) sources_closing(port, fd);
}

void end_associations(DescriptorRecord& record, int fd) {
  // A signal handler inside a section cannot enter it. The mark stays, and the next use of the
  // number finds the association stale.
  if (lock_is_held()) return;
  const uint32_t number = record.associated.exchange(0, std::memory_order_relaxed);
  if (number == kManyPorts)
    each_port([fd](Port& port) { dissociate(port, fd); });
  else if (PortRef port = port_by_pool_number(number))
    dissociate(*port, fd);
}

bool is_last_number(const Port& port) {
  LocalLockGuard guard(registry_lock);
  return port.numbers == 1;
}

// With the port's lock, so that a thread that is about to sleep sees the number gone.
bool give_up_number(Port& port, int fd) {
  bool last;
  {
    LocalLockGuard guard(registry_lock);
    if (descriptor_record(fd)->port.load(std::memory_order_relaxed) != &port) return false;
    last = registry_remove_number(port, fd);
    registry_mark_closing(fd);
  }
  return last;
}

void close_port_number(int fd) {
  PortRef port = port_known(fd);
  if (!port) return;
  bool last;
  {
    PortGuard guard(*port, Purpose::kGiveUp);
    if (guard) port_kick(*port, fd);
    if (guard && port->announced && is_last_number(*port)) sources_leave(*port);
    last = give_up_number(*port, fd);
  }
  if (last)
    port_release(*port);
  else
    hidden_mirror_cloexec(*port);  // the number may have been the only one to stay on exec
}

// Its descriptors are its own, the tables are not, and all that it has to do with ports is what
// the program finds that it executes.
bool closing_in_vfork_child(int fd, bool hidden) {
  if (hidden) return false;
  if (PortRef port = port_known(fd)) hidden_mirror_cloexec(*port, fd);
  return true;
}

int* part_at(Port& port, int fd) {
  for (int* part : {&port.memory_fd, &port.doorbell_fd, &port.wake_fd, &port.wait_fd})
    if (*part == fd) return part;
  return nullptr;
}

}  // namespace

bool descriptor_closing(int fd) {
  DescriptorRecord* record = descriptor_record(fd);
  if (record == nullptr) return true;
  const uint32_t associated = record->associated.load(std::memory_order_relaxed);
  const bool port = record->port.load(std::memory_order_relaxed) != nullptr;
  if ((associated == 0 || associated == kClosing) && !port) return true;
  if (process_is_vfork_child()) return closing_in_vfork_child(fd, associated == kHidden);
  if (associated == kHidden) return false;
  if (associated != 0) end_associations(*record, fd);
  if (port) close_port_number(fd);
  return true;
}

void descriptor_duplicated(int fd, int made) {
  process_check();
  PortRef port = port_known(fd);
  if (!port || fd == made || made >= kMaxDescriptors) return;
  kill_point("duplicated.known");
  if (!process_is_vfork_child()) {
    LocalLockGuard guard(registry_lock);
    // Another thread has closed the last number since, and the reference of the numbers goes.
    if (port->numbers == 0 && !planted("no-second-life")) registry_hold(*port);
    registry_add_number(*port, made);
  }
  hidden_mirror_cloexec(*port);
}

void descriptor_cloexec_changed(int fd) {
  process_check();
  if (PortRef port = port_known(fd)) {
    hidden_mirror_cloexec(*port);
    return;
  }
  if (!registry_is_hidden(fd)) return;
  // It is not the program's to say what becomes of it, though it may go through all numbers.
  bool mirrored = false;
  each_port([fd, &mirrored](Port& port) {
    if (part_at(port, fd) == nullptr || fd == port.wait_fd) return;
    hidden_mirror_cloexec(port);
    mirrored = true;
  });
  if (!mirrored) (void)sys::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

bool descriptor_vacate(int fd) {
  if (!registry_is_hidden(fd) || process_is_vfork_child()) return true;
  bool moved = sources_vacate(fd);
  each_port([fd, &moved](Port& port) {
    if (moved || part_at(port, fd) == nullptr) return;
    PortGuard guard(port);
    LocalLockGuard registry(registry_lock);
    int* part = part_at(port, fd);
    if (!guard || part == nullptr) return;
    HiddenRange range;
    const bool cloexec = (sys::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
    const long copy = sys::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    const Result<int> place =
        copy < 0 ? Result<int>(Errno{EMFILE}) : range.adopt(static_cast<int>(copy), cloexec);
    if (!place) return;
    *part = *place;
    registry_unhide(fd);
    (void)sys::close(fd);
    // The doorbell is an item under its number, and its key names the others.
    (void)doorbell_join(port.fd.load(std::memory_order_relaxed),
                        {port.memory_fd, port.doorbell_fd, port.wake_fd});
    moved = true;
  });
  return moved;
}

void descriptor_watch(int fd) {
  if (!port_recognise(fd)) return;
  Result<PortRef> port = port_acquire(fd);
  if (!port) return;
  const bool exact = ((*port)->segment.header().flags & kFlagExact) != 0;
  if (exact && !(*port)->solo.load(std::memory_order_relaxed)) return;
  PortGuard guard(**port);
  if (guard) port_set_exact(**port);
}

bool descriptor_status(int fd, PortStatus& status) {
  process_check();
  PortRef port = port_known(fd);
  if (!port) return false;
  PortGuard guard(*port);
  if (!guard) return false;
  (void)sources_complete(*port);
  sources_sweep_queue(*port);
  const PortHeader& header = port->segment.header();
  status.queued = port->segment.bounded(header.queued);
  status.room = header.in_use < port->segment.slot_count();
  status.uid = header.uid;
  status.gid = header.gid;
  status.created_s = static_cast<int64_t>(uint64_t{header.created_s});
  status.created_ns = static_cast<int64_t>(uint64_t{header.created_ns});
  return true;
}

}  // namespace portc
