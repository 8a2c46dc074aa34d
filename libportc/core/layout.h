// SPDX-License-Identifier: MIT
//
// The shared memory of one port: a sealed memfd that every holder maps.
//
//   header | slots[1..slot_count] | index buckets
//
// Rules:
//  - Ground truth is {state, seq, payload} of every slot up to high_water. Links, counts and the
//    index are derived, and segment_rebuild() makes them anew after a holder of the lock died.
//  - Every operation has one commit point: the store of a slot's state.
//  - Slot number 0 means "none", so that a fresh, zero-filled file needs no initialisation.
//  - Nothing here is trusted: other holders may be corrupt or hostile. Slot numbers are checked
//    before use (Segment::slot), loops are bounded by high_water, and the sizes used are the
//    process's own copies (Segment), not the ones in the file.
//  - No pointers, no libc types. Change kLayoutVersion with any change of a field's place or
//    meaning since the last release: a port can outlive the program that made it, in a program with
//    another library. (tests/unit/layout_test.cc knows the places. Before the first release every
//    layout is version 1.)
#pragma once

#include <cstddef>
#include <cstdint>

#include "libportc/base/robust_lock.h"
#include "libportc/base/shared.h"

namespace portc {

constexpr uint64_t kMagic = 0x31'74'72'6f'70'2d'63'70;  // "pc-port1", little endian
constexpr uint32_t kLayoutVersion = 1;

// Who made an association, a private event or the alert: one process from fork to exit,
// whatever it executes. Made and compared by owner.h. 0 = nobody.
using OwnerToken = uint64_t;

enum class SlotState : uint32_t {
  kFree = 0,
  kQueued,  // an event, retrievable once, then free
  kArmed,   // an association that waits for its condition
  kFired,   // an association whose event is queued
  kIdle,    // an association whose event was retrieved: remembered, holds its slot
};

enum SlotFlags : uint16_t {
  kSlotAlwaysReady = 1,  // a file the kernel cannot poll; `generation` is its identity
  kSlotPrivate = 2,      // of a private source: has no item of its own, and is not in the index
  // How the item of a descriptor's association reports, and has been used: source/fd_item.h.
  kSlotLevel = 4,      // the item stays enabled
  kSlotNoted = 8,      // armed without a system call, and not reported since
  kSlotLate = 16,      // reported while it was not armed: no level ...
  kSlotLater = 32,     // ... until it has been armed in time twice
  kSlotDisabled = 64,  // the item was disabled where it may be in the kernel's list of ready ones
  kSlotNested = 128,   // the descriptor is a port
  kSlotLeaves = 256,   // ends if the execve that its owner is about to call succeeds: core/exec.h
};

struct Slot {
  Shared<uint32_t> state;       // SlotState; the store that commits
  Shared<uint32_t> generation;  // 31 bits, part of the key given to epoll
  Shared<uint32_t> next;        // queue or free list
  Shared<uint32_t> previous;    // queue
  Shared<uint64_t> seq;         // place in the queue: order of firing
  Shared<int32_t> events;       // what happened (kQueued, kFired)
  Shared<uint16_t> source;      // PORT_SOURCE_*
  Shared<uint16_t> flags;       // SlotFlags
  Shared<uint64_t> object;      // descriptor, address or id
  Shared<uint64_t> user;        // the program's cookie
  Shared<OwnerToken> owner;     // who associated it; 0 = retrievable by every holder
  Shared<uint32_t> chain;       // next association in the same index bucket
  Shared<uint32_t> wanted;      // what the association waits for
};
// In `wanted` of a descriptor's association: it is being changed, and counts as changed. What is to
// become of `user` is in `next` and `previous`, and it is to be kArmed.
constexpr uint32_t kWantedReplaced = 1u << 16;
static_assert(sizeof(Slot) == 64);

// One user event sent by a signal handler that interrupted a critical section. Filled without
// the lock, emptied by the next holder.
struct BoxEntry {
  Shared<uint32_t> state;  // BoxState; in two states, with the rest of the word saying more
  Shared<int32_t> events;
  Shared<uint64_t> user;
  Shared<uint64_t> ticket;  // order among the entries
};
enum class BoxState : uint32_t {
  kEmpty = 0,
  kFull = 1,
  kWriting = 1u << 30,  // by whom: 8 bits of the pid namespace, 22 of the thread's id
  kMoving = 1u << 31,   // to which slot, whose state says whether it is there
};
constexpr uint32_t kBoxEntries = 64;

// The last alerts, so that a sleeper gets the one that woke it even if it has ended since.
struct AlertRecord {
  Shared<int32_t> events;
  Shared<uint32_t> unused;
  Shared<uint64_t> user;
};
constexpr uint32_t kAlertRecords = 8;

// A process that is about to execute a program, and has something that would end.
struct Leaver {
  Shared<OwnerToken> owner;   // 0: none
  Shared<uint32_t> port_too;  // the port is closed: everything ends, and not what is marked alone
  Shared<uint32_t> unused;
};
constexpr uint32_t kLeavers = 8;

enum HeaderFlags : uint32_t {
  kFlagShared = 1,  // more than one process has used the port: wake them all
  kFlagExact = 2,   // somebody polls the port: the doorbell follows the queue. Never cleared.
};

struct PortHeader {
  // Written once, by the creator.
  Shared<uint64_t> magic;  // stored last
  Shared<uint32_t> version;
  Shared<uint32_t> header_size;
  Shared<uint64_t> id[2];  // random
  Shared<uint32_t> slot_count;
  Shared<uint32_t> uid;
  Shared<uint32_t> gid;
  Shared<uint32_t> unused;
  Shared<uint64_t> created_s;  // CLOCK_REALTIME
  Shared<uint64_t> created_ns;

  RobustLock lock;
  Shared<uint32_t> flags;  // HeaderFlags

  // Guarded by the lock, derived from the slots.
  Shared<uint32_t> queue_head;
  Shared<uint32_t> queue_tail;
  Shared<uint32_t> queued;      // events in the queue
  Shared<uint32_t> armed;       // slots in kArmed that epoll can fire
  Shared<uint32_t> free_head;   // LIFO, so that few pages are touched
  Shared<uint32_t> high_water;  // highest slot ever used
  Shared<uint32_t> in_use;      // slots that are not free

  // Guarded by the lock.
  Shared<uint32_t> doorbell_up;  // the doorbell is readable
  Shared<uint32_t> epoch;        // recoveries: re-arm what may have been lost
  Shared<uint32_t> generation;   // last one given out
  Shared<uint64_t> seq;          // last one given out
  Shared<uint64_t> ticket;       // nonzero: somebody sleeps and needs a ring; cleared by CAS
  Shared<uint64_t> tickets;      // last one given out

  Shared<uint32_t> alert_on;
  Shared<uint32_t> alert_count;  // alerts set so far
  Shared<OwnerToken> alert_owner;
  AlertRecord alerts[kAlertRecords];  // alert number n is in [n % kAlertRecords]

  Shared<uint32_t> box_used;  // full entries; one too many or too few if a putter was killed
  Shared<uint32_t> unused2;
  Shared<uint64_t> box_tickets;
  BoxEntry box[kBoxEntries];

  Leaver leavers[kLeavers];  // guarded by the lock
};

constexpr size_t kSlotsOffset =
    (sizeof(PortHeader) + sizeof(Slot) - 1) / sizeof(Slot) * sizeof(Slot);
static_assert(kSlotsOffset < 4096 - 16 * sizeof(Slot), "an idle port should touch one page");

// Associations are found through a table indexed by a hash of their object.
constexpr uint32_t kBuckets = 1u << 16;

constexpr uint32_t kMaxSlots = 1u << 24;

}  // namespace portc
