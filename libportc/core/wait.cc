// SPDX-License-Identifier: MIT
//
// Both ways of sleeping are system calls that the kernel resumes by itself after a stop and a
// continue, and never resumes after a handler, whatever SA_RESTART says: ppoll, and a futex wait
// that has a timeout. epoll_wait has neither property.
#include "libportc/core/wait.h"

#include <linux/futex.h>
#include <poll.h>

#include "libportc/base/sys.h"
#include "libportc/core/hidden.h"
#include "libportc/core/registry.h"

namespace portc {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

struct timespec to_timespec(int64_t ns) {
  return {static_cast<time_t>(ns / kSecond), static_cast<long>(ns % kSecond)};
}

Result<int> make_wait_set(const Port& port) {
  Result<int> fd = sys::epoll_create();
  if (!fd) return fd;
  LocalLockGuard guard(registry_lock);
  HiddenRange range;
  fd = range.adopt(*fd, true);
  if (!fd) return fd;
  int r = sys::epoll_ctl(*fd, EPOLL_CTL_ADD, port.wake_fd, EPOLLIN | EPOLLET, 0);
  if (r == 0)
    r = sys::epoll_ctl(*fd, EPOLL_CTL_ADD, port.fd.load(std::memory_order_relaxed),
                       EPOLLIN | EPOLLET, 0);
  if (r == 0) return fd;
  registry_unhide(*fd);
  (void)sys::close(*fd);
  return Errno{-r};
}

void add_waiter(Port& port, Waiter& waiter) {
  waiter.kicked = false;
  waiter.woken = false;
  waiter.word.store(0, std::memory_order_relaxed);
  waiter.previous = nullptr;
  waiter.next = port.waiters;
  if (waiter.next != nullptr) waiter.next->previous = &waiter;
  port.waiters = &waiter;
}

void remove_waiter(Port& port, Waiter& waiter) {
  if (waiter.previous != nullptr)
    waiter.previous->next = waiter.next;
  else
    port.waiters = waiter.next;
  if (waiter.next != nullptr) waiter.next->previous = waiter.previous;
  if (port.leader == &waiter) port.leader = nullptr;
}

Wakeup sleep_as_leader(int wait_fd, Deadline deadline) {
  struct timespec timeout;
  struct timespec* limit = nullptr;
  if (!deadline.is_never()) {
    const int64_t left = deadline.at() - sys::monotonic_ns();
    timeout = to_timespec(left > 0 ? left : 0);
    limit = &timeout;
  }
  struct pollfd item = {wait_fd, POLLIN, 0};
  const long r = sys::raw(SYS_ppoll, sys::arg(&item), 1, sys::arg(limit), 0, 8);
  if (r == -EINTR) return Wakeup::kSignal;
  struct epoll_event edges[2];
  if (r > 0) (void)sys::epoll_poll(wait_fd, edges, 2);  // take the edges: we are the one to look
  return Wakeup::kLook;
}

Wakeup sleep_as_follower(Waiter& waiter, Deadline deadline) {
  // With no timeout at all the kernel would restart the wait after an SA_RESTART handler.
  constexpr int64_t kFar = int64_t{1} << 60;
  const struct timespec until = to_timespec(deadline.is_never() ? kFar : deadline.at());
  while (waiter.word.load(std::memory_order_acquire) == 0) {
    const long r =
        sys::raw(SYS_futex, sys::arg(&waiter.word), FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0,
                 sys::arg(&until), 0, FUTEX_BITSET_MATCH_ANY);
    if (r == -EINTR) return Wakeup::kSignal;
    if (r == -ETIMEDOUT) break;
  }
  return Wakeup::kLook;
}

}  // namespace

SleepResult port_sleep(Port& port, Waiter& waiter, Deadline deadline) {
  if (port.wait_fd < 0) {
    Result<int> made = make_wait_set(port);
    if (!made) return {Wakeup::kLook, made.error(), true};
    port.wait_fd = *made;
  }
  add_waiter(port, waiter);
  const bool leads = port.leader == nullptr;
  if (leads) {
    PortHeader& header = port.segment.header();
    const uint64_t ticket = header.tickets + 1;
    header.tickets = ticket;
    header.ticket.release(ticket);
    port.leader = &waiter;
  }
  const int wait_fd = port.wait_fd;
  port_unlock(port);

  const Wakeup wakeup =
      leads ? sleep_as_leader(wait_fd, deadline) : sleep_as_follower(waiter, deadline);

  const Result<void> locked = port_lock(port);
  // The list is this process's own and must be right even if the segment is not.
  remove_waiter(port, waiter);
  if (!locked) return {wakeup, locked.error(), false};
  return {wakeup, 0, true};
}

void port_kick(Port& port, int fd) {
  bool ring = false;
  for (Waiter* w = port.waiters; w != nullptr; w = w->next) {
    if (w->port_fd != fd) continue;
    w->kicked = true;
    w->woken = true;
    if (w == port.leader) {
      ring = true;
      continue;
    }
    w->word.store(1, std::memory_order_release);
    (void)sys::raw(SYS_futex, sys::arg(&w->word), FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
  }
  if (ring) sys::eventfd_signal(port.wake_fd);
}

}  // namespace portc
