// SPDX-License-Identifier: MIT
#include "libportc/core/box.h"

#include "libportc/base/kill_point.h"
#include "libportc/base/sys.h"
#include "libportc/core/source.h"

namespace portc {
namespace {

constexpr uint32_t word(BoxState state) { return static_cast<uint32_t>(state); }

BoxEntry* oldest_full(PortHeader& header) {
  BoxEntry* oldest = nullptr;
  for (BoxEntry& entry : header.box)
    if (entry.state.acquire() == word(BoxState::kFull) &&
        (oldest == nullptr || entry.ticket < oldest->ticket))
      oldest = &entry;
  return oldest;
}

}  // namespace

Result<void> box_put(Port& port, int32_t events, uint64_t user) {
  PortHeader& header = port.segment.header();
  if (header.in_use + header.box_used >= port.segment.slot_count()) return Errno{EAGAIN};
  for (BoxEntry& entry : header.box) {
    if (!entry.state.exchange_if(word(BoxState::kEmpty), word(BoxState::kWriting))) continue;
    kill_point("box.claimed");
    entry.events = events;
    entry.user = user;
    entry.ticket = header.box_tickets.fetch_add(1);
    kill_point("box.written");
    entry.state.release(word(BoxState::kFull));
    kill_point("box.full");
    (void)header.box_used.fetch_add(1);
    kill_point("box.counted");
    // Sleepers of other ports' processes: the interrupted section is of another port, perhaps,
    // and its end will not look here.
    if (header.ticket != 0) sys::eventfd_signal(port.wake_fd);
    if ((header.flags & kFlagExact) != 0) {
      sys::eventfd_signal(port.doorbell_fd);
      header.doorbell_up = 1;  // after the signal: the next section makes it right
    }
    return {};
  }
  return Errno{EAGAIN};
}

void box_repair(Port& port) {
  uint32_t full = 0;
  for (const BoxEntry& entry : port.segment.header().box)
    if (entry.state.acquire() == word(BoxState::kFull)) ++full;
  port.segment.header().box_used = full;
}

void box_drain(Port& port) {
  PortHeader& header = port.segment.header();
  for (uint32_t i = 0; i < kBoxEntries && header.box_used != 0; ++i) {
    const uint32_t used = header.box_used;
    BoxEntry* entry = oldest_full(header);
    if (entry == nullptr) {
      (void)header.box_used.exchange_if(used, 0);  // its putter was killed, or it is corrupt
      return;
    }
    const uint32_t number = port.segment.allocate();
    if (number == 0) return;  // the port is full: the events stay here until it is not
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
    (void)header.box_used.fetch_add(UINT32_MAX);
  }
}

}  // namespace portc
