// SPDX-License-Identifier: MIT
//
// The table of sources, and what goes through all of them.
#include "libportc/base/sys.h"
#include "libportc/core/attach.h"
#include "libportc/core/owner.h"
#include "libportc/core/private.h"
#include "libportc/core/source.h"
#include "libportc/source/alert.h"
#include "libportc/source/fd.h"
#include "libportc/source/user.h"

namespace portc {
namespace {

constexpr int kBatch = 64;

constexpr uint32_t kGenerationShift = 32;

// Returns the private source, as a bit, that has something to collect.
uint32_t fire(Port& port, const struct epoll_event& ready) {
  const uint64_t key = ready.data.u64;
  if ((key & kForeignKey) != 0) return private_source_of(key);
  const uint32_t number = static_cast<uint32_t>(key);
  Segment& segment = port.segment;
  if (number - 1 >= segment.slot_count()) return 0;
  Slot& slot = segment.slot(number);
  // An item whose association has been replaced, or ended where the item could not be removed.
  if (slot.state != static_cast<uint32_t>(SlotState::kArmed) ||
      slot.generation != key >> kGenerationShift)
    return 0;
  slot.events = static_cast<int32_t>(ready.events);
  segment.header().armed = segment.header().armed - 1;
  port_enqueue(port, number, SlotState::kFired);
  return 0;
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
    default:
      return nullptr;
  }
}

Result<void> sources_collect(Port& port) {
  const PortHeader& header = port.segment.header();
  if (header.armed == 0 && !port.probed && port.private_slots == 0) return {};
  port.probed = false;
  const int set = port.fd.load(std::memory_order_relaxed);
  struct epoll_event ready[kBatch];
  uint32_t due = 0;
  // Bounded, since doorbells stay ready: other processes may have added many.
  for (uint32_t batches = header.in_use / kBatch + 16; batches > 0; --batches) {
    const int count = sys::epoll_poll(set, ready, kBatch);
    if (count < 0) return Errno{EBADF};
    for (int i = 0; i < count; ++i) due |= fire(port, ready[i]);
    if (count < kBatch) break;
  }
  if (PORTC_UNLIKELY(due != 0)) collect_private(port, due);
  return {};
}

void sources_sweep_queue(Port& port) {
  Segment& segment = port.segment;
  const uint32_t queued = segment.header().queued;
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
  Segment& segment = port.segment;
  const uint32_t high_water = segment.header().high_water;
  DeadOwners dead;
  for (uint32_t number = 1; number <= high_water && !segment.damaged(); ++number) {
    const Slot& slot = segment.slot(number);
    if (slot.state != static_cast<uint32_t>(SlotState::kFree) && dead.include(slot.owner))
      drop(port, number);
  }
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
  alert_leave(port);
}

void sources_forget(Port& port) {
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
