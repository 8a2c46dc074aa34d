// SPDX-License-Identifier: MIT
#include "libportc/source/timer_port.h"

#include <sys/mman.h>
#include <sys/timerfd.h>

#include <climits>

#include "libportc/base/sys.h"
#include "libportc/core/hidden.h"
#include "libportc/core/private.h"
#include "libportc/core/registry.h"

namespace portc {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kNotSet = INT64_MAX;

constexpr uint32_t kSelf = static_cast<uint32_t>(Source::kTimer);

using Entry = TimerHeap<Timer>::Entry;

constinit std::atomic<uint32_t> serials{0};

TimerBase base_at(uint32_t number) { return static_cast<TimerBase>(number); }

TimerQueue& queue_of(PortTimers& timers, TimerBase base) {
  return timers.queues[static_cast<uint32_t>(base)];
}

TimerRoute route_of(const Timer& timer) { return {timer.reads, timer.base}; }

void* map(size_t size) {
  const long r = sys::raw(SYS_mmap, 0, static_cast<long>(size), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return r < 0 ? nullptr : reinterpret_cast<void*>(r);
}

void unmap(void* address, size_t size) {
  if (address != nullptr) (void)sys::raw(SYS_munmap, sys::arg(address), static_cast<long>(size));
}

// Also takes the timerfd's readiness away.
void program(TimerQueue& queue, int64_t at) {
  // The time 0 would disarm it.
  const int64_t when = at == kNotSet ? 0 : at < 1 ? 1 : at;
  struct itimerspec setting = {};
  setting.it_value = {static_cast<time_t>(when / kSecond), static_cast<long>(when % kSecond)};
  (void)sys::raw(SYS_timerfd_settime, queue.fd, TFD_TIMER_ABSTIME, sys::arg(&setting), 0);
  queue.set_for = at;
}

void program_first(TimerQueue& queue) {
  program(queue, queue.heap.empty() ? kNotSet : queue.heap.first().key);
}

// `now` is what its clock says.
void enlist(PortTimers& timers, Timer& timer, int64_t now) {
  TimerQueue& queue = queue_of(timers, timer.base);
  const int64_t key = timer_look_at(route_of(timer), timer.expiry, now);
  queue.heap.insert(timer, key);
  if (key < queue.set_for) program(queue, key);
}

// Other processes may have written over the slot.
bool has_slot(Port& port, const Timer& timer) {
  return private_is_own(port, timer.slot, Source::kTimer) &&
         port.segment.slot(timer.slot).object == timer.id.load(std::memory_order_relaxed);
}

int32_t reported(const Timer& timer) {
  return timer.expirations < INT_MAX ? static_cast<int32_t>(timer.expirations) : INT_MAX;
}

void fire(Port& port, Timer& timer, int64_t now) {
  timer_advance(timer, now);
  timer.queued = true;
  if (has_slot(port, timer)) private_fire(port, timer.slot, reported(timer));
}

// The timer whose event is in that slot; null if there is none in this process.
Timer* timer_in(Port& port, uint32_t number) {
  const PortTimers* timers = port_timers(port);
  const TimerId id = port.segment.slot(number).object;
  Timer* timer = timer_find(id);
  if (timers == nullptr || timer == nullptr || timer->id.load(std::memory_order_relaxed) != id ||
      timer->port.load(std::memory_order_relaxed) != port.pool_number)
    return nullptr;
  const bool here = timer->home == timers->serial && timer->slot == number && timer->queued;
  return here ? timer : nullptr;
}

// Out of the heap: the timer that has waited longest after its key; null if none has.
Timer* take_overdue(PortTimers& timers, const int64_t (&now)[kTimerBases]) {
  Timer* found = nullptr;
  int64_t longest = -1;
  for (uint32_t i = 0; i < kTimerBases; ++i) {
    const TimerQueue& queue = timers.queues[i];
    if (queue.heap.empty() || queue.heap.first().key > now[i]) continue;
    const int64_t overdue = now[i] - queue.heap.first().key;
    if (overdue <= longest) continue;
    longest = overdue;
    found = queue.heap.first().item;
  }
  if (found != nullptr) queue_of(timers, found->base).heap.remove(*found);
  return found;
}

// Its base said that it was time to look.
void look(Port& port, PortTimers& timers, Timer& timer, int64_t base_now) {
  int64_t now = base_now;
  if (!timer_is_exact(route_of(timer))) {
    const Result<int64_t> read = timer_clock_now(timer.reads);
    if (!read) {
      timer.armed = false;  // the thread has ended, and its time has stopped
      return;
    }
    now = *read;
  }
  if (now >= timer.expiry)
    fire(port, timer, now);
  else
    enlist(timers, timer, now);
}

}  // namespace

PortTimers* port_timers(const Port& port) { return static_cast<PortTimers*>(port.own[kSelf]); }

Result<PortTimers*> port_timers_make(Port& port) {
  if (PortTimers* known = port_timers(port)) return known;
  LocalLockGuard guard(registry_lock);  // so that a fork sees all of it or nothing
  auto* timers = static_cast<PortTimers*>(map(sizeof(PortTimers)));
  if (timers == nullptr) return Errno{ENOMEM};
  timers->serial = serials.fetch_add(1, std::memory_order_relaxed) + 1;
  const uint32_t slots = port.segment.slot_count();
  timers->capacity = slots < kMaxTimers ? slots : kMaxTimers;
  for (TimerQueue& queue : timers->queues) {
    queue.fd = -1;
    queue.set_for = kNotSet;
  }
  port.own[kSelf] = timers;
  return timers;
}

Result<void> port_timers_prepare(Port& port, PortTimers& timers, TimerBase base) {
  TimerQueue& queue = queue_of(timers, base);
  if (PORTC_LIKELY(queue.fd >= 0)) return {};
  LocalLockGuard guard(registry_lock);
  const long made =
      sys::raw(SYS_timerfd_create, timer_base_clock(base), TFD_CLOEXEC | TFD_NONBLOCK);
  if (made < 0) return Errno{made == -EPERM || made == -EINVAL ? static_cast<int>(-made) : EAGAIN};
  HiddenRange range;
  const Result<int> fd = range.adopt(static_cast<int>(made), true);
  if (!fd) return Errno{EAGAIN};
  void* entries = map(timers.capacity * sizeof(Entry));
  if (entries == nullptr || !private_join(port, *fd, Source::kTimer)) {
    unmap(entries, timers.capacity * sizeof(Entry));
    private_close(*fd);
    return Errno{EAGAIN};
  }
  queue.heap = TimerHeap<Timer>(static_cast<Entry*>(entries));
  queue.fd = *fd;
  return {};
}

bool timer_is_due(const Timer& timer) {
  if (!timer.armed) return false;
  const Result<int64_t> now = timer_clock_now(timer.reads);
  return now && *now >= timer.expiry;
}

void timer_advance(Timer& timer, int64_t now) {
  uint64_t more = 1;
  if (timer.interval == 0) {
    timer.armed = false;
  } else {
    const int64_t whole = (now - timer.expiry) / timer.interval;
    more += static_cast<uint64_t>(whole);
    timer.expiry = timer_add(timer.expiry + whole * timer.interval, timer.interval);
  }
  const uint64_t sum = timer.expirations + more;
  timer.expirations = sum < UINT32_MAX ? static_cast<uint32_t>(sum) : UINT32_MAX;
}

void port_timers_start(Port& port, PortTimers& timers, Timer& timer) {
  const Result<int64_t> now = timer_clock_now(timer.reads);
  if (!now)
    timer.armed = false;
  else if (*now >= timer.expiry)
    fire(port, timer, *now);
  else
    enlist(timers, timer, *now);
}

void port_timers_stop(PortTimers& timers, Timer& timer) {
  if (timer.place != 0) queue_of(timers, timer.base).heap.remove(timer);
}

void port_timers_settle(Port& port, PortTimers& timers, TimerBase base) {
  if (PORTC_LIKELY((port.segment.header().flags & kFlagExact) == 0)) return;
  TimerQueue& queue = queue_of(timers, base);
  if (queue.set_for == kNotSet) return;
  if (queue.heap.empty() || queue.heap.first().key > queue.set_for) program_first(queue);
}

// Called when a timerfd is ready, whichever. Each is set anew, which ends its readiness, even if
// its time seems not to have come: CLOCK_REALTIME may have been set back since it fired.
void port_timers_collect(Port& port) {
  PortTimers* timers = port_timers(port);
  if (timers == nullptr) return;
  int64_t now[kTimerBases] = {};
  for (uint32_t i = 0; i < kTimerBases; ++i)
    if (timers->queues[i].set_for != kNotSet) now[i] = timer_base_now(base_at(i));
  while (Timer* timer = take_overdue(*timers, now))
    look(port, *timers, *timer, now[static_cast<uint32_t>(timer->base)]);
  for (TimerQueue& queue : timers->queues)
    if (queue.set_for != kNotSet) program_first(queue);
}

void port_timers_discard(Port& port) {
  PortTimers* timers = port_timers(port);
  if (timers == nullptr) return;
  port.own[kSelf] = nullptr;
  for (const TimerQueue& queue : timers->queues) {
    private_close(queue.fd);
    unmap(queue.heap.entries(), timers->capacity * sizeof(Entry));
  }
  unmap(timers, sizeof(PortTimers));
}

bool port_timers_deliverable(Port& port, uint32_t number) {
  if (port.segment.slot(number).owner != owner_self()) return private_deliverable(port, number);
  Timer* timer = timer_in(port, number);
  if (timer == nullptr) {
    private_drop(port, number);  // of a port that a signal handler closed, and we met again
    return false;
  }
  if (timer->armed) {
    const Result<int64_t> now = timer_clock_now(timer->reads);
    if (now && *now >= timer->expiry) timer_advance(*timer, *now);
  }
  port.segment.slot(number).events = reported(*timer);
  return true;
}

// The slot stays the timer's.
void port_timers_retire(Port& port, uint32_t number) {
  Timer* timer = timer_in(port, number);
  if (timer == nullptr) {
    private_retire_once(port, number);
    return;
  }
  Slot& slot = port.segment.slot(number);
  slot.events = 0;
  slot.state.release(static_cast<uint32_t>(SlotState::kArmed));
  timer->expirations = 0;
  timer->queued = false;
  if (!timer->armed) return;
  if (const Result<int64_t> now = timer_clock_now(timer->reads))
    enlist(*port_timers(port), *timer, *now);
}

bool port_timers_vacate(int fd) {
  bool moved = false;
  each_port([fd, &moved](Port& port) {
    if (moved) return;
    PortGuard guard(port);
    PortTimers* timers = guard ? port_timers(port) : nullptr;
    if (timers == nullptr) return;
    for (TimerQueue& queue : timers->queues) {
      if (queue.fd != fd) continue;
      const Result<int> place = private_move(fd);
      if (!place) return;
      if (!private_join(port, *place, Source::kTimer)) {
        private_close(*place);
        return;
      }
      private_part(port, fd);
      private_close(fd);
      queue.fd = *place;
      moved = true;
    }
  });
  return moved;
}

}  // namespace portc
