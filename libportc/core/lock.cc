// SPDX-License-Identifier: MIT
//
// Entering and leaving a port's critical section, and who is woken by it. The protocol:
//
//  - A process's first sleeper is its leader: it waits in the kernel on `wait` = {port, wake}.
//    Further sleepers are followers on private futexes. So a wake-up goes to a thread that can
//    use it (port_get before port_getn of five), and nobody else stirs.
//  - Before the leader sleeps it sets header.ticket to a fresh number, under the lock. Whoever
//    queues an event reads the ticket under the same lock: either it sees the ticket and rings,
//    or the sleeper saw the event. After ringing, the ticket is cleared if it is still the same
//    one; a ticket left by a killed sleeper costs one write.
//  - port_unlock() restores, on every way out: while threads of this process sleep, one of them
//    leads or is on its way; and if they have not looked at the newest event and could use it,
//    one that can is on its way.
#include <linux/futex.h>
#include <poll.h>

#include "libportc/base/kill_point.h"
#include "libportc/base/sys.h"
#include "libportc/base/thread.h"
#include "libportc/core/box.h"
#include "libportc/core/exec.h"
#include "libportc/core/owner.h"
#include "libportc/core/port.h"
#include "libportc/core/private.h"
#include "libportc/core/source.h"

namespace portc {
namespace {

void set_doorbell(Port& port, bool up) {
  port_move_doorbell(port, up);
  kill_point("doorbell.changed");
  port.segment.header().doorbell_up = up;
}

// The dead holder may have been anywhere; the descriptors' state is unknown too.
void repair(Port& port) {
  kill_point("repair.begin");
  if (planted("no-repair")) return;
  port.segment.rebuild();
  box_repair(port);
  kill_point("repair.boxed");
  set_doorbell(port, false);
  kill_point("repair.doorbell");
  // Everybody looks: who has lost a one-shot arms it again.
  sys::eventfd_ring(port.wake_fd);
  kill_point("repair.end");
}

// Lost one-shots: a holder died between taking them from the kernel and queueing them.
void rearm_all(Port& port) {
  port.segment.each_used([&port](const Slot& slot, uint32_t number) {
    if (slot.state != static_cast<uint32_t>(SlotState::kArmed)) return;
    kill_point("rearm.slot");
    if (const SourceOps* ops = source_ops(slot.source)) ops->rearm(port, number);
  });
}

RobustLock::Patience patience_of(Purpose purpose) {
  if (planted("endless-exit")) return RobustLock::Patience::kEndless;
  return purpose == Purpose::kExit ? RobustLock::Patience::kSecond : RobustLock::Patience::kEndless;
}

constexpr uint32_t kNotSolo = kFlagShared | kFlagExact;

void catch_up(Port& port) {
  PortHeader& header = port.segment.header();
  if (!port.announced) {
    port.announced = true;
    // Who sleeps as the only user must look around from now on. It waits for the lock meanwhile.
    if ((header.flags & kFlagShared) == 0) sys::eventfd_ring(port.wake_fd);
    kill_point("join.rung");
    (void)header.flags.fetch_or(kFlagShared);
    kill_point("join.flagged");
    sources_joined(port);
    if (!port.inherited) exec_rejoined(port);
    kill_point("join.end");
  }
  if (port.inherited) {
    port.inherited = false;
    sources_reconcile(port);
    exec_arrived(port);
  }
  if (port.epoch_seen != header.epoch) {
    port.epoch_seen = header.epoch;
    rearm_all(port);
  }
  port.settled = exec_settle(port);
  if (port.solo.load(std::memory_order_relaxed) && (header.flags & kNotSolo) != 0) {
    port.solo.store(false, std::memory_order_relaxed);
    if ((header.flags & kFlagShared) != 0) port_expose(port);
    sources_not_solo(port);
  }
  if (header.box_used != 0) box_drain(port);
  inbox_drain(port);
}

bool needs_catching_up(const Port& port, const PortHeader& header) {
  return !port.settled || port.epoch_seen != header.epoch || header.box_used != 0 ||
         port.inbox.load(std::memory_order_relaxed) != nullptr ||
         (port.solo.load(std::memory_order_relaxed) && (header.flags & kNotSolo) != 0);
}

// Whom to wake after the lock is left.
struct Wake {
  bool ring = false;           // write to `wake`
  uint64_t ticket = 0;         // ... on account of this ticket
  Waiter* follower = nullptr;  // only its address is used
};

void send_on_its_way(Waiter& waiter, const Port& port, Wake& wake) {
  waiter.woken = true;
  if (&waiter == port.leader) {
    wake.ring = true;
  } else {
    waiter.word.store(1, std::memory_order_release);
    wake.follower = &waiter;
  }
}

void wake_futex(Waiter* waiter) {
  (void)sys::raw(SYS_futex, sys::arg(&waiter->word), FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
}

// An alert goes to everybody who has not seen it. Rare: the followers' calls are made in here.
void wake_for_alert(Port& port, Wake& wake) {
  const uint32_t alerts = port.segment.header().alert_count;
  for (Waiter* w = port.waiters; w != nullptr; w = w->next) {
    if (w->alert_seen == alerts || w->woken) continue;
    send_on_its_way(*w, port, wake);
    if (wake.follower == w) wake_futex(w);
  }
  wake.follower = nullptr;
}

// The sleeper with the smallest need that the events not yet spoken for satisfy; the newest
// among equals. Null if there is none that has not looked already.
Waiter* choose(const Port& port) {
  const PortHeader& header = port.segment.header();
  uint64_t available = header.queued;
  for (const Waiter* w = port.waiters; w != nullptr; w = w->next)
    if (w->woken) available -= available < w->want ? available : w->want;
  Waiter* best = nullptr;
  for (Waiter* w = port.waiters; w != nullptr; w = w->next)
    if (!w->woken && w->seq_seen != header.seq && w->want <= available &&
        (best == nullptr || w->want < best->want))
      best = w;
  return best;
}

void settle_local(Port& port, Wake& wake) {
  wake_for_alert(port, wake);
  if (Waiter* chosen = choose(port)) {
    send_on_its_way(*chosen, port, wake);
    return;
  }
  if (port.leader != nullptr) return;
  for (const Waiter* w = port.waiters; w != nullptr; w = w->next)
    if (w->woken) return;
  send_on_its_way(*port.waiters, port, wake);  // somebody has to lead
}

Wake settle(Port& port) {
  PortHeader& header = port.segment.header();
  Wake wake;
  if (port.rang && (header.flags & kFlagShared) != 0 &&
      (header.queued != 0 || header.alert_on != 0)) {
    wake.ticket = header.ticket;
    wake.ring = wake.ticket != 0;
    if (wake.ring && port.leader != nullptr) port.leader->woken = true;
  }
  if (port.waiters != nullptr) settle_local(port, wake);
  return wake;
}

void perform(Port& port, const Wake& wake) {
  kill_point("wake.begin");
  if (wake.ring && !planted("no-ring")) sys::eventfd_ring(port.wake_fd);
  kill_point("wake.rung");
  if (wake.ticket != 0) (void)port.segment.header().ticket.exchange_if(wake.ticket, 0);
  kill_point("wake.ticket");
  if (wake.follower != nullptr && !planted("no-follower")) wake_futex(wake.follower);
}

// A port that others have got since this thread looked is entered anew.
PORTC_INLINE RobustLock::Entry enter(Port& port, Purpose purpose) {
  RobustLock& lock = port.segment.header().lock;
  for (;;) {
    LeafLock* own = port.guarded.load(std::memory_order_relaxed) ? &port.own_lock : nullptr;
    const RobustLock::Entry entry = lock.acquire(own, patience_of(purpose));
    if (PORTC_UNLIKELY(entry == RobustLock::Entry::kOwnerDied)) repair(port);
    const bool apart = own != nullptr || !port.guarded.load(std::memory_order_relaxed);
    if (PORTC_LIKELY(apart) || entry == RobustLock::Entry::kBusy) return entry;
    lock.release();
  }
}

// The lock is held. What threads of this process wait for will not come.
void give_up_on(Port& port) {
  if (planted("forgets-sleepers")) return;
  for (Waiter* w = port.waiters; w != nullptr; w = w->next) {
    w->word.store(1, std::memory_order_release);
    wake_futex(w);
  }
  if (port.leader != nullptr) sys::eventfd_ring(port.wake_fd);
}

PORTC_INLINE Result<void> lock_and_catch_up(Port& port, Purpose purpose) {
  PortHeader& header = port.segment.header();
  if (PORTC_UNLIKELY(!port.announced)) header.lock.join(owner_namespace());
  if (PORTC_UNLIKELY(enter(port, purpose) == RobustLock::Entry::kBusy)) return Errno{EBUSY};
  kill_point("lock.taken");
  // Another thread has closed its last number since this one looked it up.
  const bool closed = purpose == Purpose::kUse && port.fd.load(std::memory_order_relaxed) < 0;
  if (PORTC_UNLIKELY(closed && !planted("no-closing-mark"))) return Errno{EBADF};
  const bool user = purpose == Purpose::kUse || port_is_used(port);
  if (PORTC_UNLIKELY(user && needs_catching_up(port, header))) catch_up(port);
  kill_point("lock.ready");
  if (PORTC_LIKELY(!port.segment.damaged())) return {};
  give_up_on(port);
  return Errno{EBADFD};
}

PORTC_INLINE void leave(Port& port) {
  const bool apart =
      PORTC_UNLIKELY(port.guarded.load(std::memory_order_relaxed)) && port.own_lock.is_mine();
  port.segment.header().lock.release(apart ? &port.own_lock : nullptr);
}

// Leaves, and wakes whoever the section has made work for. True if a signal handler has put
// something into the box after we looked, and the lock is held again to look there. (What a full
// port left in the box stays there, and is not counted anew. If another holder keeps the lock, it
// will look when it leaves. And who was giving up the port does not become a user of it by that.)
PORTC_INLINE bool leave_or_look_again(Port& port) {
  PortHeader& header = port.segment.header();
  kill_point("unlock.begin");
  if (PORTC_UNLIKELY(header.box_used != 0)) box_drain(port);
  if (PORTC_UNLIKELY(port.probed)) (void)sources_collect(port, UINT32_MAX, true);
  if (PORTC_UNLIKELY((header.flags & kFlagExact) != 0)) {
    const bool up = header.queued != 0 && !(port.waiters != nullptr && planted("exact-asleep"));
    if (up != (header.doorbell_up != 0)) set_doorbell(port, up);
  }
  Wake wake;
  if (port.rang || port.waiters != nullptr) wake = settle(port);
  port.rang = false;
  const uint32_t boxed = header.box_used;
  kill_point("unlock.settled");
  leave(port);
  kill_point("unlock.left");
  if (wake.ring || wake.follower != nullptr) perform(port, wake);
  return PORTC_UNLIKELY(header.box_used > boxed) && port_lock(port, Purpose::kExit);
}

// Would writing (reading) it wait, since another holder has taken O_NONBLOCK away and filled
// (emptied) it? Then it is as it should be already.
bool doorbell_waits(const Port& port, bool up) {
  if (!port.guarded.load(std::memory_order_relaxed) || planted("trusts-doorbell")) return false;
  constexpr struct timespec kNow = {0, 0};
  struct pollfd item = {port.doorbell_fd, static_cast<short>(up ? POLLOUT : POLLIN), 0};
  return sys::raw(SYS_ppoll, sys::arg(&item), 1, sys::arg(&kNow), 0, 8) == 0;
}

}  // namespace

void port_move_doorbell(Port& port, bool up) {
  if (PORTC_UNLIKELY(doorbell_waits(port, up))) return;
  if (up)
    sys::eventfd_signal(port.doorbell_fd);
  else
    sys::eventfd_drain(port.doorbell_fd);
}

Result<void> port_lock(Port& port, Purpose purpose) {
  if (PORTC_UNLIKELY(lock_is_held())) return Errno{EAGAIN};  // portc(7) interrupted-section
  const Result<void> locked = lock_and_catch_up(port, purpose);
  if (PORTC_UNLIKELY(!locked) && locked.error() != EBUSY) leave(port);
  return locked;
}

Result<void> port_lock_again(Port& port) { return lock_and_catch_up(port, Purpose::kGiveUp); }

void port_leave(Port& port) { leave(port); }

void port_unlock(Port& port) {
  // Bounded, since another process may raise the count for ever. What is left is for the next one.
  uint32_t most = planted("looks-for-ever") ? UINT32_MAX : kBoxEntries;
  while (leave_or_look_again(port)) {
    if (most-- != 0) continue;
    port_leave(port);
    break;
  }
  if (PORTC_UNLIKELY(inbox_pending())) inbox_deliver();
}

void port_set_exact(Port& port) {
  const bool was_exact = (port.segment.header().flags.fetch_or(kFlagExact) & kFlagExact) != 0;
  const bool was_solo = port.solo.exchange(false, std::memory_order_relaxed);
  if (!was_solo && was_exact) return;
  sources_not_solo(port);
  port.probed = true;  // what was disabled before may have an error that nobody has taken
}

}  // namespace portc
