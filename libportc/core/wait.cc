// SPDX-License-Identifier: MIT
//
// Both ways of sleeping are system calls that the kernel resumes by itself after a stop and a
// continue, and never resumes after a handler, whatever SA_RESTART says: ppoll, and a futex wait
// that has a timeout. epoll_wait has neither property.
//
// The kernel limits how many epoll sets a file may be in (EINVAL: 1000, and 500 for the items of a
// port that are in the sets through the port) and how deep they may be nested (ELOOP), a user how
// much epoll watches (ENOSPC), and a process its descriptors. A process whose wait set cannot have
// all that belongs there, or that has none, looks every 10 ms (portc(7) crowd).
//
// A process that is killed may have taken an event of this one's from the kernel and not put it in
// the queue, or not have come to ringing. Nobody is told of its death, so where a port has other
// users, one thread of each process that sleeps looks once a second (portc(7) killed-holder).
#include "libportc/core/wait.h"

#include <linux/futex.h>
#include <poll.h>

#include "libportc/base/abandon_guard.h"
#include "libportc/base/kill_point.h"
#include "libportc/base/sys.h"
#include "libportc/core/hidden.h"
#include "libportc/core/registry.h"

namespace portc {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kTick = 10'000'000;
constexpr int64_t kVigil = kSecond;
constexpr int64_t kForever = INT64_MAX;

struct timespec to_timespec(int64_t ns) {
  return {static_cast<time_t>(ns / kSecond), static_cast<long>(ns % kSecond)};
}

Result<int> make_wait_set() {
  Result<int> fd = sys::epoll_create();
  if (!fd) return fd;
  LocalLockGuard guard(registry_lock);
  HiddenRange range;
  return range.adopt(*fd, true);
}

// 0 if it is there, or the error of epoll_ctl.
int put_in(int wait_fd, int part) {
  const int r = sys::epoll_ctl(wait_fd, EPOLL_CTL_ADD, part, EPOLLIN | EPOLLET, 0);
  return r == -EEXIST ? 0 : -r;
}

// Others may have left since the kernel refused.
void fill_wait_set(Port& port) {
  const int first = put_in(port.wait_fd, port.wake_fd);
  const int second = put_in(port.wait_fd, port.fd.load(std::memory_order_relaxed));
  port.wait_partial = first != 0 || second != 0;
}

// Threads may sleep on a partial one: it stays as it is, or gets better.
void ready_wait_set(Port& port) {
  if (PORTC_LIKELY(port.wait_fd >= 0 && !port.wait_partial)) return;
  if (port.wait_fd < 0) {
    const Result<int> made = make_wait_set();
    port.wait_partial = !made;
    if (!made) return;
    port.wait_fd = *made;
  }
  fill_wait_set(port);
}

void add_waiter(Port& port, Waiter& waiter) {
  waiter.kicked = false;
  waiter.cancelled.store(false, std::memory_order_relaxed);
  waiter.woken = false;
  waiter.word.store(0, std::memory_order_relaxed);
  waiter.previous = nullptr;
  waiter.next = port.waiters;
  if (waiter.next != nullptr) waiter.next->previous = &waiter;
  port.waiters = &waiter;
}

// Does nothing if it is not in the list any more.
void remove_waiter(Port& port, Waiter& waiter) {
  if (waiter.previous != nullptr)
    waiter.previous->next = waiter.next;
  else if (port.waiters == &waiter)
    port.waiters = waiter.next;
  if (waiter.next != nullptr) waiter.next->previous = waiter.previous;
  waiter.next = waiter.previous = nullptr;
  if (port.leader == &waiter) port.leader = nullptr;
}

// At most `longest` nanoseconds.
Wakeup sleep_as_leader(int wait_fd, Deadline deadline, int64_t longest) {
  struct timespec timeout;
  struct timespec* limit = nullptr;
  int64_t left = longest;
  if (!deadline.is_never()) {
    const int64_t until = deadline.at() - sys::monotonic_ns();
    if (until < left) left = until;
  }
  if (left != kForever) {
    timeout = to_timespec(left > 0 ? left : 0);
    limit = &timeout;
  }
  struct pollfd item = {wait_fd, POLLIN, 0};  // a negative number is passed over
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

// Has the thread been cancelled, and not forbidden it? The kernel of illumos then interrupts it, as
// a signal does.
bool is_cancelled(const Waiter& waiter) {
  if (PORTC_LIKELY(!waiter.cancelled.load(std::memory_order_relaxed))) return false;
  int state;
  if (pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state) != 0) return false;
  (void)pthread_setcancelstate(state, nullptr);
  return state == PTHREAD_CANCEL_ENABLE;
}

struct Sleep {
  Port& port;
  Waiter& waiter;
};

// The call does not return. It leaves the list, somebody else leads, and its reference goes, too.
void abandon(void* context) {
  const Sleep& sleep = *static_cast<const Sleep*>(context);
  if (planted("no-abandon")) return;
  const bool inside = lock_is_held();  // forbidden: portc(7) interrupted-section
  const Result<void> locked = inside ? Result<void>(Errno{EAGAIN}) : port_lock_again(sleep.port);
  remove_waiter(sleep.port, sleep.waiter);
  if (locked)
    port_unlock(sleep.port);
  else if (!inside)
    port_leave(sleep.port);
  port_release(sleep.port);
}

// The lock is held.
void wake(const Port& port, Waiter& waiter) {
  waiter.woken = true;
  if (&waiter == port.leader) {
    sys::eventfd_ring(port.wake_fd);
    return;
  }
  waiter.word.store(1, std::memory_order_release);
  (void)sys::raw(SYS_futex, sys::arg(&waiter.word), FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
}

// How long the leader may sleep without looking.
int64_t longest_sleep(const Port& port) {
  if (port.wait_partial) return kTick;
  if (port.verify_at != 0) return port.verify_at - sys::monotonic_ns();  // soon
  const bool shared = (port.segment.header().flags & kFlagShared) != 0;
  return shared && !planted("no-vigil") ? kVigil : kForever;
}

}  // namespace

SleepResult port_sleep(Port& port, Waiter& waiter, Deadline deadline) {
  ready_wait_set(port);
  add_waiter(port, waiter);
  const bool leads = port.leader == nullptr;
  if (leads) {
    PortHeader& header = port.segment.header();
    const uint64_t ticket = header.tickets + 1;
    header.tickets = ticket;
    kill_point("sleep.numbered");
    header.ticket.release(ticket);
    kill_point("sleep.ticket");
    port.leader = &waiter;
  }
  const int wait_fd = port.wait_fd;
  const int64_t longest = longest_sleep(port);
  Sleep sleep = {port, waiter};
  const AbandonGuard guard(abandon, &sleep);
  port_unlock(port);

  Wakeup wakeup =
      leads ? sleep_as_leader(wait_fd, deadline, longest) : sleep_as_follower(waiter, deadline);
  if (is_cancelled(waiter)) wakeup = Wakeup::kSignal;

  kill_point("sleep.awake");
  const Result<void> locked = port_lock_again(port);
  // The list is this process's own and must be right even if the segment is not.
  remove_waiter(port, waiter);
  if (locked) return {wakeup, 0, true};
  port_leave(port);
  return {wakeup, locked.error(), false};
}

void port_kick(Port& port, int fd) {
  for (Waiter* w = port.waiters; w != nullptr; w = w->next) {
    if (w->port_fd != fd) continue;
    w->kicked = true;
    wake(port, *w);
  }
}

void port_cancelled(Port& port, pthread_t thread) {
  for (Waiter* w = port.waiters; w != nullptr; w = w->next) {
    if (pthread_equal(w->thread, thread) == 0) continue;
    w->cancelled.store(true, std::memory_order_relaxed);
    if (!planted("no-interrupt")) wake(port, *w);
  }
}

}  // namespace portc
