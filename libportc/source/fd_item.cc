// SPDX-License-Identifier: MIT
#include "libportc/source/fd_item.h"

#include <sys/mman.h>

#include "libportc/base/kill_point.h"
#include "libportc/base/sys.h"
#include "libportc/core/attach.h"
#include "libportc/core/owner.h"
#include "libportc/core/registry.h"
#include "libportc/core/source.h"

namespace portc {
namespace {

constexpr uint32_t kGenerationMask = 0x7fffffff;

int control(const Port& port, int op, int fd, uint32_t events, uint64_t key) {
  return sys::epoll_ctl(port.fd.load(std::memory_order_relaxed), op, fd, events, key);
}

bool is(const Slot& slot, SlotState state) { return slot.state == static_cast<uint32_t>(state); }

void set_flags(Slot& slot, int flags) { slot.flags = static_cast<uint16_t>(flags); }

bool level_allowed(const Port& port) {
  return port.solo.load(std::memory_order_relaxed) &&
         (port.segment.header().flags & (kFlagShared | kFlagExact)) == 0;
}

uint32_t next_generation(const Port& port) {
  PortHeader& header = port.segment.header();
  const uint32_t generation = (header.generation + 1) & kGenerationMask;
  header.generation = generation;
  return generation;
}

// Own slots only: others' items are counted in their processes.
void set_level(Port& port, Slot& slot, bool level) {
  const int flags = slot.flags;
  if (((flags & kSlotLevel) != 0) == level) return;
  set_flags(slot, flags ^ kSlotLevel);
  if (slot.owner != owner_self()) return;
  if (level)
    ++port.level_items;
  else if (port.level_items > 0)  // an image before this one may have made it
    --port.level_items;
}

// Has the descriptor been armed in time lately? Moves the slot's record of that.
bool in_time(const Port& port, Slot& slot) {
  const int flags = slot.flags;
  if (PORTC_LIKELY((flags & kSlotLate) == 0)) return true;
  const bool now =
      is(slot, SlotState::kIdle) && static_cast<uint32_t>(int32_t{slot.events}) == port.collects;
  if (!now)
    set_flags(slot, flags | kSlotLater);
  else
    set_flags(slot, flags & ~((flags & kSlotLater) != 0 ? kSlotLater : kSlotLate));
  return false;
}

bool choose_level(const Port& port, Slot& slot) {
  if (!level_allowed(port) || slot.owner != owner_self()) return false;
  if (PORTC_UNLIKELY(port.rearm != Rearm::kAuto)) return port.rearm == Rearm::kLevel;
  return in_time(port, slot);
}

uint64_t key_of(uint32_t generation, uint32_t number) {
  return static_cast<uint64_t>(generation) << 32 | number;
}

// What the kernel is asked for. A nested set wakes the outer one with EPOLLIN alone.
uint32_t asked(const Slot& slot, uint32_t events) {
  const bool nested = (slot.flags & kSlotNested) != 0;
  return nested && (events & EPOLLRDNORM) != 0 ? events | EPOLLIN : events;
}

uint32_t mode(bool level) { return level ? 0 : static_cast<uint32_t>(EPOLLONESHOT); }

// Defects of new items where level is not, and never was.
bool stays_enabled(const Port& port) {
  const bool shared = (port.segment.header().flags & kFlagShared) != 0;
  return (shared && planted("shared-new")) || (level_allowed(port) && planted("oneshot-new"));
}

// Is the slot the only one with its number? Then the item under that number, in this process, is
// the slot's or none of the port's.
bool alone_under_its_number(Port& port, const Slot& slot) {
  const uint64_t object = slot.object;
  uint32_t found = 0;
  port.segment.each_in_bucket(object, [&](uint32_t, const Slot& other) {
    if (other.object == object && other.source == static_cast<uint16_t>(Source::kFd)) ++found;
    return true;
  });
  return found == 1;
}

constexpr uint32_t kOwn = static_cast<uint32_t>(Source::kFd);

Noted* noted_of(const Port& port) { return static_cast<Noted*>(port.own[kOwn]); }

// Is an edge of the set waited for, here or in another process?
bool edge_counts(const Port& port) {
  return port.waiters != nullptr || (port.segment.header().flags & (kFlagShared | kFlagExact)) != 0;
}

// A slot that has been disabled while its item may be listed as ready: see fd_item.h.
void enable_listed(Port& port, Slot& slot) {
  if ((slot.flags & kSlotDisabled) == 0) return;
  set_flags(slot, slot.flags & ~kSlotDisabled);
  if (edge_counts(port)) port.probed = true;
}

}  // namespace

uint64_t item_key(const Slot& slot, uint32_t number) {
  return key_of(slot.generation & kGenerationMask, number);
}

int item_add(Port& port, uint32_t number, int fd) {
  Slot& slot = port.segment.slot(number);
  slot.generation = next_generation(port);
  const bool level = choose_level(port, slot);
  const uint32_t events = asked(slot, slot.wanted) | mode(level || stays_enabled(port));
  const uint64_t key = item_key(slot, number);
  int r = control(port, EPOLL_CTL_ADD, fd, events, key);
  if (r == -EEXIST) {  // and perhaps listed as ready: see fd_item.h
    port.probed = true;
    r = control(port, EPOLL_CTL_MOD, fd, events, key);
  }
  kill_point("item.added");
  if (r == 0) set_level(port, slot, level);
  return r;
}

int item_arm(Port& port, uint32_t number, int fd, uint32_t events) {
  Slot& slot = port.segment.slot(number);
  const uint32_t generation = next_generation(port);
  const bool level = choose_level(port, slot);
  const uint64_t key = key_of(generation, number);
  const int r = control(port, EPOLL_CTL_MOD, fd, asked(slot, events) | mode(level), key);
  if (r != 0) return r;
  kill_point("item.modified");
  slot.generation = generation;
  kill_point("item.named");
  if (!(level && (slot.flags & kSlotLate) != 0 && planted("level-late")))
    set_level(port, slot, level);
  enable_listed(port, slot);
  return 0;
}

int item_add_again(Port& port, uint32_t number, int fd) {
  Slot& slot = port.segment.slot(number);
  const uint32_t generation = next_generation(port);  // the old item may live on in a duplicate
  const uint64_t key = key_of(generation, number);
  const bool level = level_allowed(port);
  const int r = control(port, EPOLL_CTL_ADD, fd, asked(slot, slot.wanted) | mode(level), key);
  if (r == -EEXIST) return 0;
  if (r != 0) return r;
  slot.generation = generation;
  set_level(port, slot, level);
  return 1;
}

bool item_stands(Port& port, const Slot& slot, uint32_t events) {
  return (slot.flags & kSlotLevel) != 0 && slot.wanted == events && port.waiters == nullptr &&
         level_allowed(port);
}

int item_confirm(Port& port, uint32_t number, int fd) {
  Slot& slot = port.segment.slot(number);
  const bool armed = is(slot, SlotState::kArmed);
  const int r = armed ? control(port, EPOLL_CTL_MOD, fd, asked(slot, slot.wanted) | mode(false),
                                item_key(slot, number))
                      : item_disable(port, fd, kForeignKey);
  if (r == 0) set_level(port, slot, false);
  return r;
}

int item_disable(Port& port, int fd, uint64_t key) {
  port.probed = true;  // error and hang-up are reported once more, whatever is asked for
  return control(port, EPOLL_CTL_MOD, fd, mode(false), key);
}

void item_forget(Port& port, Slot& slot) { set_level(port, slot, false); }

void item_fired(Port& port, uint32_t number) {
  if (PORTC_UNLIKELY(!level_allowed(port))) item_calm(port, number);
}

void item_retired(Port& port, uint32_t number) {
  Slot& slot = port.segment.slot(number);
  slot.events = static_cast<int32_t>(port.collects);
  if (PORTC_UNLIKELY(!level_allowed(port))) item_calm(port, number);
}

void item_calm(Port& port, uint32_t number) {
  Slot& slot = port.segment.slot(number);
  if ((slot.flags & kSlotLevel) == 0) return;
  const int fd = static_cast<int>(slot.object);
  const bool foreign = slot.owner != owner_self();
  if (foreign && (registry_is_hidden(fd) || !alone_under_its_number(port, slot))) return;
  // An error is reported once more, under a key that is nobody's. Until then a poll sees it.
  if (control(port, EPOLL_CTL_MOD, fd, mode(false), kForeignKey) != 0) return;
  kill_point("item.disabled");
  if ((port.segment.header().flags & kFlagExact) != 0) port.probed = true;
  set_level(port, slot, false);
  set_flags(slot, slot.flags | kSlotDisabled);
}

Report item_reported(Port& port, uint32_t number, bool before_sleep) {
  Slot& slot = port.segment.slot(number);
  const int flags = slot.flags;
  if (is(slot, SlotState::kArmed)) {
    if ((flags & kSlotNoted) != 0) set_flags(slot, flags & ~kSlotNoted);
    return Report::kEvent;
  }
  if ((flags & kSlotLevel) == 0) return Report::kNothing;
  const bool queued = is(slot, SlotState::kFired);
  if (queued && !before_sleep) return Report::kNothing;
  if (!queued) set_flags(slot, flags | kSlotLate | kSlotLater);
  item_calm(port, number);
  return (slot.flags & kSlotLevel) == 0 ? Report::kDisabled : Report::kNothing;
}

bool item_note(Port& port, uint32_t number, int fd) {
  Slot& slot = port.segment.slot(number);
  if ((slot.flags & kSlotNoted) != 0) return true;
  Noted* noted = noted_of(port);
  if (PORTC_UNLIKELY(noted == nullptr)) {
    const long r = sys::raw(SYS_mmap, 0, sizeof(Noted), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (r < 0) return false;
    noted = reinterpret_cast<Noted*>(r);
    port.own[kOwn] = noted;
  }
  noted->items[noted->count++] = {number, fd};
  set_flags(slot, slot.flags | kSlotNoted);
  return true;
}

bool items_noted_full(Port& port) { return noted_of(port)->count == kMaxNoted; }

Noted* items_noted(Port& port) {
  Noted* noted = noted_of(port);
  return noted != nullptr && noted->count != 0 ? noted : nullptr;
}

void items_forget_noted(Port& port) {
  port.verify_at = 0;
  if (noted_of(port) == nullptr) return;
  (void)sys::raw(SYS_munmap, sys::arg(noted_of(port)), sizeof(Noted));
  port.own[kOwn] = nullptr;
}

}  // namespace portc
