// SPDX-License-Identifier: MIT
#include "libportc/source/user.h"

#include "libportc/core/box.h"

namespace portc {
namespace {

bool always_deliverable(Port&, uint32_t) { return true; }

void free_slot(Port& port, uint32_t number) { port.segment.release(number); }

void nothing_to_rearm(Port&, uint32_t) {}

}  // namespace

const SourceOps kUserOps = {always_deliverable, free_slot, nothing_to_rearm, free_slot, nullptr};

Result<void> user_send(Port& port, int32_t events, uint64_t user) {
  if (PORTC_UNLIKELY(lock_is_held())) return box_put(port, events, user);
  PortGuard guard(port);
  if (!guard) return Errno{guard.error()};
  // What fired earlier goes first: order is over all sources.
  const Result<void> collected = sources_collect(port);
  if (!collected) return collected;
  const uint32_t number = sources_allocate(port);
  if (number == 0) return Errno{EAGAIN};
  Slot& slot = port.segment.slot(number);
  slot.source = static_cast<uint16_t>(Source::kUser);
  slot.flags = 0;
  slot.events = events;
  slot.object = 0;
  slot.user = user;
  slot.owner = 0;
  port_enqueue(port, number, SlotState::kQueued);
  return {};
}

}  // namespace portc
