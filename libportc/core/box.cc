// SPDX-License-Identifier: MIT
#include "libportc/core/box.h"

#include "libportc/base/kill_point.h"
#include "libportc/base/sys.h"
#include "libportc/base/thread.h"
#include "libportc/core/owner.h"
#include "libportc/core/source.h"

namespace portc {
namespace {

constexpr uint32_t kThreadBits = 22;  // the kernel's PID_MAX_LIMIT
constexpr uint32_t kThreadMask = (1u << kThreadBits) - 1;
constexpr uint32_t kNamespaceMask = 0xffu << kThreadBits;
constexpr int kNamespaceShift = 48 - kThreadBits;  // where an owner's token has it
static_assert(kMaxSlots < static_cast<uint32_t>(BoxState::kWriting));

constexpr uint32_t word(BoxState state) { return static_cast<uint32_t>(state); }

uint32_t writing_by_me() {
  const uint32_t space = static_cast<uint32_t>(owner_self() >> kNamespaceShift) & kNamespaceMask;
  return word(BoxState::kWriting) | space | (static_cast<uint32_t>(thread_id()) & kThreadMask);
}

// Was this entry's putter killed while it wrote? False when in doubt: another pid namespace.
bool abandoned(uint32_t state) {
  const uint32_t mine = writing_by_me();
  if ((state & ~kThreadMask) != (mine & ~kThreadMask) || state == mine) return false;
  return sys::raw(SYS_tkill, static_cast<long>(state & kThreadMask), 0) == -ESRCH;
}

BoxEntry* claim(PortHeader& header) {
  const uint32_t mine = writing_by_me();
  for (BoxEntry& entry : header.box)
    if (entry.state.exchange_if(word(BoxState::kEmpty), mine)) return &entry;
  for (BoxEntry& entry : header.box) {
    const uint32_t state = entry.state.acquire();
    if (abandoned(state) && entry.state.exchange_if(state, mine)) return &entry;
  }
  return nullptr;
}

BoxEntry* oldest_full(PortHeader& header) {
  BoxEntry* oldest = nullptr;
  for (BoxEntry& entry : header.box)
    if (entry.state.acquire() == word(BoxState::kFull) &&
        (oldest == nullptr || entry.ticket < oldest->ticket))
      oldest = &entry;
  return oldest;
}

// Not below 0: an entry's putter may have been killed, or be slow, before it counted. A few
// attempts, since another process may be up to anything; a count too high is put right by the
// drain that finds nothing.
void uncount(PortHeader& header) {
  for (int attempts = 0; attempts < 100; ++attempts) {
    const uint32_t used = header.box_used;
    if (used == 0 || header.box_used.exchange_if(used, used - 1)) return;
  }
}

}  // namespace

Result<void> box_put(Port& port, int32_t events, uint64_t user) {
  PortHeader& header = port.segment.header();
  if (header.in_use + header.box_used >= port.segment.slot_count()) return Errno{EAGAIN};
  BoxEntry* entry = claim(header);
  if (entry == nullptr) return Errno{EAGAIN};
  kill_point("box.claimed");
  entry->events = events;
  entry->user = user;
  entry->ticket = header.box_tickets.fetch_add(1);
  kill_point("box.written");
  entry->state.release(word(BoxState::kFull));
  kill_point("box.full");
  (void)header.box_used.fetch_add(1);
  kill_point("box.counted");
  // Sleepers of other ports' processes: the interrupted section is of another port, perhaps,
  // and its end will not look here.
  if (header.ticket != 0) sys::eventfd_ring(port.wake_fd);
  if ((header.flags & kFlagExact) != 0) {
    port_move_doorbell(port, true);
    header.doorbell_up = 1;  // after the signal: the next section makes it right
  }
  return {};
}

void box_repair(Port& port) {
  uint32_t full = 0;
  for (BoxEntry& entry : port.segment.header().box) {
    const uint32_t state = entry.state.acquire();
    if ((state & word(BoxState::kMoving)) != 0) {
      const uint32_t number = state & ~word(BoxState::kMoving);
      const bool moved =
          number - 1 < port.segment.slot_count() &&
          port.segment.slot(number).state == static_cast<uint32_t>(SlotState::kQueued);
      entry.state.release(word(moved ? BoxState::kEmpty : BoxState::kFull));
    }
    if (entry.state.acquire() == word(BoxState::kFull)) ++full;
  }
  port.segment.header().box_used = full;
}

void box_drain(Port& port) {
  PortHeader& header = port.segment.header();
  if (planted("no-drain")) return;
  // Whatever the count says: an entry whose putter was killed before it counted must not stand in
  // the way of one that was counted.
  for (uint32_t i = 0; i < kBoxEntries; ++i) {
    const uint32_t used = header.box_used;
    BoxEntry* entry = oldest_full(header);
    if (entry == nullptr) {
      if (used != 0) (void)header.box_used.exchange_if(used, 0);  // its putter was killed
      return;
    }
    const uint32_t number = port.segment.allocate();
    if (number == 0) return;  // the port is full: the events stay here until it is not
    if (!planted("box-twice")) entry->state.release(word(BoxState::kMoving) | number);
    kill_point("box.moving");
    Slot& slot = port.segment.slot(number);
    slot.source = static_cast<uint16_t>(Source::kUser);
    slot.flags = 0;
    slot.events = entry->events;
    slot.object = 0;
    slot.user = entry->user;
    slot.owner = 0;
    port_enqueue(port, number, SlotState::kQueued);
    kill_point("box.queued");
    entry->state.release(word(BoxState::kEmpty));
    kill_point("box.emptied");
    uncount(header);
  }
}

}  // namespace portc
