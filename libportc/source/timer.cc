// SPDX-License-Identifier: MIT
#include "libportc/source/timer.h"

#include "libportc/base/local_lock.h"
#include "libportc/core/private.h"
#include "libportc/core/process.h"
#include "libportc/core/registry.h"
#include "libportc/source/timer_port.h"

namespace portc {
namespace {

constinit LocalLock detached_lock;  // guards timers without a port

void detach(Timer& timer) {
  timer.place = 0;
  timer.queued = false;
  timer.slot = 0;
  timer.port.store(0, std::memory_order_release);
}

// A timer, with whatever guards it. Unusable (false) with EINVAL: there is no such timer; or
// with EAGAIN: we are in a signal handler that interrupted a section.
class HeldTimer {
 public:
  explicit HeldTimer(TimerId id) : id_(id) {
    process_check();
    timer_ = timer_find(id);
    error_ = EINVAL;
    if (lock_is_held())
      error_ = EAGAIN;
    else if (timer_ != nullptr)
      hold();
  }
  ~HeldTimer() {
    if (port_ != nullptr)
      port_unlock(*port_);
    else if (error_ == 0)
      detached_lock.release();
  }
  HeldTimer(const HeldTimer&) = delete;
  HeldTimer& operator=(const HeldTimer&) = delete;

  explicit operator bool() const { return error_ == 0; }
  int error() const { return error_; }
  Timer* operator->() const { return timer_; }
  Timer& operator*() const { return *timer_; }

  // Its port and what that has of timers; null if it is detached.
  Port* port() const { return port_; }
  PortTimers* timers() const { return port_ != nullptr ? port_timers(*port_) : nullptr; }

 private:
  bool still(uint32_t number) const {
    return timer_->id.load(std::memory_order_acquire) == id_ &&
           timer_->port.load(std::memory_order_relaxed) == number;
  }

  void hold() {
    while (timer_->id.load(std::memory_order_acquire) == id_) {
      const uint32_t number = timer_->port.load(std::memory_order_acquire);
      if (number == 0 ? hold_detached() : hold_attached(number)) {
        error_ = 0;
        return;
      }
    }
  }

  bool hold_detached() {
    detached_lock.acquire();
    if (still(0)) return true;
    detached_lock.release();
    return false;
  }

  bool hold_attached(uint32_t number) {
    ref_ = port_by_pool_number(number);
    if (PORTC_LIKELY(bool(ref_)) && port_lock(*ref_)) {
      const PortTimers* timers = port_timers(*ref_);
      const bool same = still(number);
      if (PORTC_LIKELY(same && timers != nullptr && timers->serial == timer_->home)) {
        port_ = &*ref_;
        return true;
      }
      port_unlock(*ref_);
      if (!same) return false;
    }
    lose_port(number);
    return false;
  }

  // Its port has gone without a word to its timers: it was closed by a signal handler that had
  // interrupted a section, or its memory is damaged, and nobody enters its lock any more.
  void lose_port(uint32_t number) {
    LocalLockGuard guard(detached_lock);
    if (still(number)) detach(*timer_);
  }

  TimerId id_;
  Timer* timer_ = nullptr;
  int error_ = EINVAL;
  PortRef ref_;
  Port* port_ = nullptr;  // locked
};

TimerSetting left(const Timer& timer) {
  TimerSetting setting = {timer.interval, 0};
  if (!timer.armed) return setting;
  const Result<int64_t> now = timer_clock_now(timer.reads);
  if (!now) return setting;
  if (timer.expiry > *now)
    setting.value = timer.expiry - *now;
  else if (timer.interval > 0)
    setting.value = timer.interval - (*now - timer.expiry) % timer.interval;
  return setting;
}

// The lock is held, and the entry is the caller's alone.
Result<void> attach(Port& port, Timer& timer, int32_t clock, uint64_t user) {
  if (port.fd.load(std::memory_order_relaxed) < 0) return Errno{EBADF};  // closed meanwhile
  const Result<PortTimers*> made = port_timers_make(port);
  if (!made) return Errno{made.error()};
  PortTimers& timers = **made;
  if (timers.count == timers.capacity) return Errno{EAGAIN};
  const uint32_t slot = private_allocate(port, Source::kTimer, timer_future_id(timer), user);
  if (slot == 0) return Errno{EAGAIN};
  const TimerRoute route = timer_route(clock, false);
  const Result<void> ready = port_timers_prepare(port, timers, route.base);
  if (!ready) {
    private_free(port, slot);
    return ready;
  }
  timer.port.store(port.pool_number, std::memory_order_relaxed);
  timer.home = timers.serial;
  timer.slot = slot;
  timer.expiry = timer.interval = 0;
  timer.place = timer.expirations = 0;
  timer.clock = clock;
  timer.reads = route.reads;
  timer.base = route.base;
  timer.armed = timer.queued = false;
  ++timers.count;
  timer_publish(timer);
  return {};
}

Result<TimerId> attach_to(int port_fd, Timer& timer, int32_t clock, uint64_t user) {
  const Result<PortRef> port = port_acquire(port_fd);
  if (!port) return Errno{port.error()};
  PortGuard guard(**port);
  if (!guard) return Errno{guard.error()};
  const TimerId id = timer_future_id(timer);
  const Result<void> attached = attach(**port, timer, clock, user);
  if (!attached) return Errno{attached.error()};
  return id;
}

// What has expired before it is armed anew has happened, and counts.
void settle_past(const HeldTimer& timer) {
  if (!timer_is_due(*timer)) return;
  Port* port = timer.port();
  if (port == nullptr || timer->queued) {
    if (const Result<int64_t> now = timer_clock_now(timer->reads)) timer_advance(*timer, *now);
    return;
  }
  port_timers_collect(*port);  // all of them, since they go in order
  if (timer->queued) return;
  // Its clock is one that is only looked at now and then.
  port_timers_stop(*timer.timers(), *timer);
  port_timers_start(*port, *timer.timers(), *timer);
}

// The program's slot may be anybody's by now: its memory is shared.
void free_slot(Port& port, const Timer& timer) {
  const bool ours = private_is_own(port, timer.slot, Source::kTimer) &&
                    port.segment.slot(timer.slot).object == timer.id.load();
  if (ours) private_free(port, timer.slot);
}

// This process gives up the port. Timers that a damaged segment hides from us find out for
// themselves (HeldTimer::lose_port).
void leave(Port& port) {
  const PortTimers* timers = port_timers(port);
  if (timers == nullptr) return;
  detached_lock.acquire();
  port.segment.each_used([&port, timers](const Slot& slot, uint32_t number) {
    if (!private_is_own(port, number, Source::kTimer)) return;
    const TimerId id = slot.object;
    Timer* timer = timer_find(id);
    if (timer != nullptr && timer->id.load() == id && timer->port.load() == port.pool_number &&
        timer->home == timers->serial)
      detach(*timer);
    private_free(port, number);
  });
  detached_lock.release();
  LocalLockGuard guard(registry_lock);
  port_timers_discard(port);
}

void forked() {
  detached_lock.reset_child();
  timer_table_forked();
}

constexpr PrivateOps kTimerPrivate = {port_timers_collect, leave, port_timers_discard, forked,
                                      port_timers_vacate};

}  // namespace

const SourceOps kTimerOps = {port_timers_deliverable, port_timers_retire, private_rearm,
                             private_drop, &kTimerPrivate};

Result<TimerId> timer_make(int32_t clock, int port_fd, uint64_t user) {
  process_check();
  Timer* timer = timer_reserve();
  if (timer == nullptr) return Errno{EAGAIN};
  const Result<TimerId> made = attach_to(port_fd, *timer, clock, user);
  if (!made) timer_unreserve(*timer);
  return made;
}

bool timer_exists(TimerId id) {
  process_check();
  const Timer* timer = timer_find(id);
  return timer != nullptr && timer->id.load(std::memory_order_acquire) == id;
}

Result<void> timer_set(TimerId id, bool absolute, const TimerSetting& next, TimerSetting& before) {
  const HeldTimer timer(id);
  if (!timer) return Errno{timer.error()};
  const TimerRoute route = timer_route(timer->clock, absolute);
  int64_t start = 0;
  if (next.value != 0 && !absolute) {
    const Result<int64_t> now = timer_clock_now(route.reads);
    if (!now) return Errno{now.error()};
    start = *now;
  }
  PortTimers* timers = timer.timers();
  if (timers != nullptr) {
    const Result<void> ready = port_timers_prepare(*timer.port(), *timers, route.base);
    if (!ready) return Errno{EAGAIN};
  }
  before = left(*timer);
  settle_past(timer);
  const TimerBase old_base = timer->base;
  if (timers != nullptr) port_timers_stop(*timers, *timer);
  timer->armed = next.value != 0;
  timer->interval = timer->armed ? next.interval : 0;
  timer->expiry = timer_add(start, next.value);
  timer->reads = route.reads;
  timer->base = route.base;
  if (timers == nullptr) return {};
  if (timer->armed && !timer->queued) port_timers_start(*timer.port(), *timers, *timer);
  port_timers_settle(*timer.port(), *timers, old_base);
  return {};
}

Result<TimerSetting> timer_time_left(TimerId id) {
  const HeldTimer timer(id);
  if (!timer) return Errno{timer.error()};
  return left(*timer);
}

Result<void> timer_remove(TimerId id) {
  const HeldTimer timer(id);
  if (!timer) return Errno{timer.error()};
  if (PortTimers* timers = timer.timers()) {
    port_timers_stop(*timers, *timer);
    free_slot(*timer.port(), *timer);
    --timers->count;
    port_timers_settle(*timer.port(), *timers, timer->base);
  }
  timer_unreserve(*timer);
  return {};
}

void timer_polled(Port& port) {
  PortTimers* timers = port_timers(port);
  for (uint32_t i = 0; timers != nullptr && i < kTimerBases; ++i)
    port_timers_settle(port, *timers, static_cast<TimerBase>(i));
}

}  // namespace portc
