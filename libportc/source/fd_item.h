// SPDX-License-Identifier: MIT
//
// The kernel's side of an association: one item of the port's epoll set, whose key names the slot
// and its generation. An association reports once; there are two ways to get that from epoll:
//
//   one-shot  The kernel disables the item when it reports. Arming again is a system call.
//   level     The item stays enabled, and a report counts only while the slot is armed. Arming
//             again for the same events changes the slot and nothing else. A report that finds
//             the slot not armed makes the item a disabled one-shot.
//
// Level is for ports that one process uses and nobody polls (port.solo), since others would see a
// descriptor that is ready and not armed; and for descriptors that are associated again before the
// next collect, since the others gain nothing. Each slot starts with level and changes with how it
// is used, unless PORTC_REARM says which it is to be. When solo ends, items that are not armed are
// disabled, and the others as soon as they report.
//
// A fork does not end solo, since most children never use the port: the child's first use does.
// It disables what is enabled and not armed, where it has the descriptor; what is left, the parent
// disables with its next call (portc(7) inherited-poll).
//
// With level nobody asks the kernel whether the descriptor is still the same open file. It is,
// unless it was closed where the wrappers could not see it: inside libc, or by a raw system
// call. So what was armed without a system call is noted, and asked for when the loop runs empty
// or kMaxNoted have been noted (fd_verify). For a few that is at once; for many it is a millisecond
// later, by when most of them have been reported, and need no question any more (fd_verify_due).
//
// Why no wake-up is lost: threads sleep on an edge of the set. Before one sleeps, a complete
// collect has seen every ready item and disabled this process's that were not armed. So whatever
// is enabled then is not ready, and becomes so with an edge. While threads sleep, arming is a
// system call, which makes the edge if the descriptor is ready. The exception: a disabled item is
// in the kernel's list of ready ones until the next epoll_wait looks at it, and one that is armed
// again while it is listed makes no edge. So arming a disabled one (kSlotDisabled) collects, if
// somebody may be waiting for that edge; who comes later collects before it sleeps.
#pragma once

#include <cstdint>

#include "libportc/core/port.h"

namespace portc {

// The key of a slot's item.
uint64_t item_key(const Slot& slot, uint32_t number);

// All need the lock. Those that return int return 0, or -errno of epoll_ctl. `fd` is the slot's
// object, in this process.

// A new item, enabled for slot.wanted. EEXIST is not an error: the item is left of a dead process.
int item_add(Port& port, uint32_t number, int fd);

// Enables the item for `events` under a new generation.
int item_arm(Port& port, uint32_t number, int fd, uint32_t events);

// Is the item of an armed slot still there? 0 if so. 1 if the number is another file by now: that
// one has an item in its place. Cheaper than asking by MOD, which polls the file.
int item_add_again(Port& port, uint32_t number, int fd);

// Is the item enabled for these events as it is? The slot is this process's own.
bool item_stands(Port& port, const Slot& slot, uint32_t events);

// Makes the item one-shot: enabled as it was, or disabled under a key that is nobody's. For
// either, success says that this process has the slot's file under the slot's number.
int item_confirm(Port& port, uint32_t number, int fd);
int item_disable(Port& port, int fd, uint64_t key);

// The item is gone or about to go, and the slot will be free.
void item_forget(Port& port, Slot& slot);

// The slot's event has been queued; and later, is being retrieved.
void item_fired(Port& port, uint32_t number);
void item_retired(Port& port, uint32_t number);

// Disables the item if it is enabled. The slot is not armed.
void item_calm(Port& port, uint32_t number);

// The kernel says that the slot's descriptor is ready. An item whose slot waits for nothing is
// disabled; one whose event is still queued only if `before_sleep`.
enum class Report { kEvent, kDisabled, kNothing };
Report item_reported(Port& port, uint32_t number, bool before_sleep);

// --- what was armed without a system call ---

constexpr uint32_t kMaxNoted = 4094;

// False if there is no memory for it. Check items_noted_full() after it.
bool item_note(Port& port, uint32_t number, int fd);
bool items_noted_full(Port& port);

// The slots that were noted, some of which may have been reported, freed or reused since: then
// they have lost kSlotNoted. Null if there are none; the caller empties it. The descriptors are
// kept here, since one that goes into the set must not be what another process has written.
struct Noted {
  uint32_t count;
  struct {
    uint32_t number;
    int fd;
  } items[kMaxNoted];
};
Noted* items_noted(Port& port);
void items_forget_noted(Port& port);

}  // namespace portc
