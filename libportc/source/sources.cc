// SPDX-License-Identifier: MIT
//
// The table of sources, and what goes through all of them.
#include "libportc/base/kill_point.h"
#include "libportc/base/sys.h"
#include "libportc/core/attach.h"
#include "libportc/core/owner.h"
#include "libportc/core/private.h"
#include "libportc/core/source.h"
#include "libportc/source/aio.h"
#include "libportc/source/alert.h"
#include "libportc/source/fd.h"
#include "libportc/source/file.h"
#include "libportc/source/mq.h"
#include "libportc/source/timer.h"
#include "libportc/source/user.h"

namespace portc {
namespace {

constexpr int kBatch = 128;

// What a collect has found out so far.
struct Collected {
  bool progress = false;  // the last batch has queued events or disabled items
  uint32_t due = 0;       // private sources, as bits, that have something to collect
};

void report(Port& port, const struct epoll_event& ready, bool before_sleep, Collected& collected) {
  const uint64_t key = ready.data.u64;
  if ((key & kForeignKey) != 0) {
    collected.due |= private_source_of(key);
    return;
  }
  const uint32_t number = static_cast<uint32_t>(key);
  if (number - 1 >= port.segment.slot_count()) return;
  if (fd_reported(port, number, static_cast<uint32_t>(key >> 32), ready.events, before_sleep))
    collected.progress = true;
}

void collect_private(Port& port, uint32_t due) {
  for (uint32_t number = 0; number < kMaxSources; ++number)
    if ((due >> number & 1) != 0) source_ops(static_cast<uint16_t>(number))->own->collect(port);
  inbox_drain(port);
}

// Calls `visit` with the private part of every private source.
template <typename Visit>
void each_private(Visit visit) {
  for (uint16_t number = 0; number < kMaxSources; ++number)
    if (const SourceOps* ops = source_ops(number); ops != nullptr && ops->own != nullptr)
      visit(*ops->own);
}

void drop(Port& port, uint32_t number) {
  const SourceOps* ops = source_ops(port.segment.slot(number).source);
  if (ops == nullptr)
    port.segment.mark_damaged();
  else
    ops->drop(port, number);
}

// Calls `visit` with each slot of the owner's.
template <typename Visit>
void each_of(Port& port, OwnerToken owner, Visit visit) {
  port.segment.each_used([owner, visit](Slot& slot, uint32_t number) {
    if (slot.owner == owner) visit(slot, number);
  });
}

void mark(Slot& slot, bool on) {
  const int flags = slot.flags;
  slot.flags = static_cast<uint16_t>(on ? flags | kSlotLeaves : flags & ~kSlotLeaves);
}

// Is an owner dead? Asks once for each run of slots of the same owner.
class DeadOwners {
 public:
  bool include(OwnerToken owner) {
    if (owner == 0) return false;
    if (owner != last_) {
      last_ = owner;
      dead_ = owner_is_dead(owner);
    }
    return dead_;
  }

 private:
  OwnerToken last_ = 0;
  bool dead_ = false;
};

}  // namespace

const SourceOps* source_ops(uint16_t source) {
  switch (static_cast<Source>(source)) {
    case Source::kUser:
      return &kUserOps;
    case Source::kFd:
      return &kFdOps;
    case Source::kTimer:
      return &kTimerOps;
    case Source::kMq:
      return &kMqOps;
    case Source::kFile:
      return &kFileOps;
    case Source::kAio:
      return &kAioOps;
    default:
      return nullptr;
  }
}

Result<void> sources_collect(Port& port, uint32_t most, bool before_sleep) {
  const PortHeader& header = port.segment.header();
  if (header.armed + port.private_slots + port.level_items == 0 && !port.probed) return {};
  // To read what inotify has is no dearer than to ask the set whether it has something.
  if (header.armed + port.level_items == 0 && !port.probed && file_alone(port)) {
    port.partial = false;
    kFileOps.own->collect(port);
    return {};
  }
  port.probed = false;
  port.partial = false;
  ++port.collects;
  const int set = port.fd.load(std::memory_order_relaxed);
  struct epoll_event ready[kBatch];
  Collected collected;
  // Bounded, since doorbells stay ready: other processes may have added many.
  const uint32_t in_use = port.segment.bounded(header.in_use);
  for (uint32_t batches = in_use / kBatch + 16; batches > 0; --batches) {
    const int count = sys::epoll_poll(set, ready, kBatch);
    if (count < 0) return Errno{EBADF};
    if (count > 0) kill_point("collect.batch");
    collected.progress = false;
    for (int i = 0; i < count; ++i) report(port, ready[i], before_sleep, collected);
    if (count < kBatch) break;
    port.partial = header.queued >= most || (!collected.progress && !before_sleep);
    if (port.partial) break;
  }
  collected.due |= private_in_hand.load(std::memory_order_acquire);
  if (PORTC_UNLIKELY(collected.due != 0))
    collect_private(port, collected.due);
  else if (PORTC_UNLIKELY(port.inbox.load(std::memory_order_relaxed) != nullptr))
    inbox_drain(port);
  return {};
}

Result<void> sources_before_sleep(Port& port) {
  // Items whose events are queued are still enabled.
  const bool enabled = port.level_items != 0 && port.segment.header().queued != 0;
  if (!fd_verify_due(port) && !enabled && !port.partial) return {};
  return sources_collect(port, UINT32_MAX, true);
}

Result<void> sources_complete(Port& port) {
  (void)fd_verify(port);
  const Result<void> collected = sources_collect(port);
  if (!collected || !port.partial) return collected;
  return sources_collect(port, UINT32_MAX, true);
}

void sources_sweep_queue(Port& port) {
  Segment& segment = port.segment;
  const uint32_t queued = segment.bounded(segment.header().queued);
  uint32_t number = segment.header().queue_head;
  DeadOwners dead;
  for (uint32_t seen = 0; seen < queued && number != 0; ++seen) {
    const Slot& slot = segment.slot(number);
    const uint32_t next = slot.next;
    if (dead.include(slot.owner)) drop(port, number);
    number = next;
  }
}

void sources_sweep(Port& port) {
  DeadOwners dead;
  port.segment.each_used([&port, &dead](const Slot& slot, uint32_t number) {
    if (!dead.include(slot.owner)) return;
    kill_point("sweep.slot");
    drop(port, number);
  });
}

uint32_t sources_allocate(Port& port) {
  const uint32_t number = port.segment.allocate();
  if (PORTC_LIKELY(number != 0) || (port.segment.header().flags & kFlagShared) == 0) return number;
  sources_sweep(port);
  return port.segment.allocate();
}

void sources_leave(Port& port) {
  fd_leave(port);
  each_private([&port](const PrivateOps& own) { own.leave(port); });
  alert_end(port, owner_self());
}

bool sources_mark_leaving(Port& port, bool port_too) {
  const PortHeader& header = port.segment.header();
  const OwnerToken self = owner_self();
  bool any = port_too && header.alert_on != 0 && header.alert_owner == self;
  each_of(port, self, [&port, &any, port_too](Slot& slot, uint32_t number) {
    const bool is_fd = slot.source == static_cast<uint16_t>(Source::kFd);
    if (is_fd && !port_too && !fd_closes_on_exec(slot)) return;
    if (is_fd) fd_leaving(port, number);
    mark(slot, true);
    any = true;
  });
  return any;
}

void sources_unmark(Port& port) {
  each_of(port, owner_self(), [](Slot& slot, uint32_t) { mark(slot, false); });
}

void sources_left(Port& port, OwnerToken owner, bool port_too) {
  each_of(port, owner, [&port, port_too](Slot& slot, uint32_t number) {
    if (port_too || (slot.flags & kSlotLeaves) != 0) drop(port, number);
  });
  if (port_too) alert_end(port, owner);
}

void sources_joined(Port& port) { fd_joined(port); }

void sources_not_solo(Port& port) {
  fd_not_solo(port);
  timer_polled(port);
}

void sources_forget(Port& port) {
  fd_forget(port);
  each_private([&port](const PrivateOps& own) { own.forget(port); });
  port.inbox.store(nullptr, std::memory_order_relaxed);
  port.private_slots = 0;
}

void sources_forked() {
  each_private([](const PrivateOps& own) { own.forked(); });
}

bool sources_vacate(int fd) {
  bool moved = false;
  each_private([fd, &moved](const PrivateOps& own) { moved = moved || own.vacate(fd); });
  return moved;
}

void sources_closing(Port& port, int fd) { fd_closing(port, fd); }

void sources_reconcile(Port& port) {
  fd_reconcile(port);
  private_reconcile(port);
}

}  // namespace portc
