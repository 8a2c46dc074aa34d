// SPDX-License-Identifier: MIT
#include "libportc/api/hooks.h"

#include <dlfcn.h>

#include "libportc/api/wrappers.h"
#include "libportc/base/sys.h"
#include "libportc/base/tsan.h"
#include "libportc/base/usermem.h"
#include "libportc/core/attach.h"
#include "libportc/core/descriptor.h"
#include "libportc/core/exec.h"
#include "libportc/core/hidden.h"
#include "libportc/core/passing.h"
#include "libportc/core/process.h"
#include "libportc/core/wait.h"

namespace portc {
namespace {

std::atomic<bool> probe_seen{false};

// exit(3) and a return from main come by here.
__attribute__((destructor)) void at_exit() { process_exit(); }

constexpr short kWriteBits = POLLOUT | POLLWRNORM | POLLWRBAND;

bool is_port(int fd) {
  const DescriptorRecord* record = descriptor_record(fd);
  return record != nullptr && record->port.load(std::memory_order_relaxed) != nullptr;
}

}  // namespace

bool wrappers_active() {
  if (probe_seen.load(std::memory_order_relaxed)) return true;
  using Close = int (*)(int);
  if (Close close_fn = reinterpret_cast<Close>(dlsym(RTLD_DEFAULT, "close")))
    (void)close_fn(kProbeFd);
  return probe_seen.load(std::memory_order_relaxed);
}

}  // namespace portc

using namespace portc;

extern "C" {

int portc_private_closing(int fd) { return descriptor_closing(fd) ? 0 : EBADF; }

void portc_private_closed(int fd) { registry_closed(fd); }

void portc_private_probed(int fd) {
  if (fd == kProbeFd) probe_seen.store(true, std::memory_order_relaxed);
}

int portc_private_replacing(int fd, int onto) {
  if (fd == onto || sys::fcntl(fd, F_GETFD) < 0) return 0;  // changes nothing
  if (registry_is_hidden(onto)) return descriptor_vacate(onto) ? 0 : EBUSY;
  return portc_private_closing(onto);
}

void portc_private_duplicated(int fd, int made) { descriptor_duplicated(fd, made); }

void portc_private_cloexec_changed(int fd) {
  if (fd >= 0) {
    descriptor_cloexec_changed(fd);
    return;
  }
  process_check();
  each_port([](Port& port) { hidden_mirror_cloexec(port); });
}

bool portc_private_next_part(PortcRange* range) {
  const unsigned highest = static_cast<unsigned>(registry_highest() + 1);
  unsigned fd = range->first;
  while (fd <= range->last && fd < highest && registry_is_hidden(static_cast<int>(fd))) ++fd;
  if (range->done || fd > range->last) return false;
  range->part_first = fd;
  for (; fd <= range->last && fd < highest; ++fd) {
    if (registry_is_hidden(static_cast<int>(fd))) break;
    if (range->closing && may_be_ours(static_cast<int>(fd)))
      (void)descriptor_closing(static_cast<int>(fd));
  }
  range->part_last = fd < highest && fd <= range->last ? fd - 1 : range->last;
  range->done = range->part_last == range->last;
  range->first = range->part_last + 1;  // wraps after the last number there is
  return true;
}

bool portc_private_has_threads() { return process_has_threads(); }

void portc_private_part_closed(const PortcRange* range) {
  const unsigned highest = static_cast<unsigned>(registry_highest() + 1);
  for (unsigned fd = range->part_first; fd <= range->part_last && fd < highest; ++fd)
    registry_closed(static_cast<int>(fd));
}

int portc_private_polling(struct pollfd* fds, nfds_t count) {
  const TsanUnseen unseen;
  if (!user_writable(fds, count * sizeof *fds)) return 0;  // the kernel will say so
  int writable = 0;
  for (nfds_t i = 0; i < count; ++i) {
    if (!is_port(fds[i].fd)) continue;
    descriptor_watch(fds[i].fd);
    if ((fds[i].events & kWriteBits) != 0 && portc_private_has_room(fds[i].fd)) ++writable;
  }
  return writable;
}

void portc_private_watch(int fd) {
  const TsanUnseen unseen;
  descriptor_watch(fd);
}

bool portc_private_has_room(int fd) {
  const TsanUnseen unseen;
  PortStatus status;
  return descriptor_status(fd, status) && status.room;
}

bool portc_private_stat(int fd, struct stat* st) {
  PortStatus status;
  if (!descriptor_status(fd, status)) return false;
  if (!user_writable(st, sizeof *st)) return false;  // the kernel will say so
  constexpr mode_t kPortFile = 0xE000;
  *st = {};
  st->st_mode = kPortFile;
  st->st_nlink = 1;
  st->st_uid = status.uid;
  st->st_gid = status.gid;
  st->st_size = status.queued;
  st->st_atim = {status.created_s, status.created_ns};
  st->st_mtim = st->st_ctim = st->st_atim;
  return true;
}

int portc_private_pack(int fd) {
  const TsanUnseen unseen;
  if (!port_recognise(fd)) return -1;
  const Result<int> bag = bag_make(fd);
  if (bag) return *bag;
  return bag.error() == EBADFD ? -1 : -1 - bag.error();  // bears the mark, and is no port
}

int portc_private_hidden(int fd, int (&hidden)[3]) {
  PortRef port = port_known(fd);
  if (!port) return 0;
  LocalLockGuard guard(registry_lock);
  hidden[0] = port->memory_fd;
  hidden[1] = port->doorbell_fd;
  hidden[2] = port->wake_fd;
  return 3;
}

void portc_private_received(int fd) {
  const TsanUnseen unseen;
  if (bag_recognise(fd)) (void)bag_open(fd);
}

bool portc_private_readable(const void* address, size_t size) {
  return user_readable(address, size);
}

bool portc_private_executing() { return exec_begin(); }

void portc_private_not_executed() { exec_failed(); }

void portc_private_cancelled(pthread_t thread) {
  process_check();
  each_port([thread](Port& port) {
    PortGuard guard(port, Purpose::kGiveUp);
    if (guard) port_cancelled(port, thread);
  });
}

void portc_private_exiting() { process_exit(); }

}  // extern "C"
