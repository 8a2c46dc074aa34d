// SPDX-License-Identifier: MIT
//
// What the private sources share: timers, asynchronous I/O, message queues, files. Their events
// can be retrieved only by the process that asked for them, and everything behind them lives in
// that process: fork children and new images start without.
//
//  - A private event has its slot from the request on (kArmed), so that delivery never fails.
//  - A source's descriptor (timerfd, ring, inotify ...) is a level-triggered item of the port's
//    epoll set, so that the kernel's poll of the port is right while nobody of ours runs. Its key
//    names source and owner; other processes ignore it, and it vanishes with its owner.
//  - A source's own lock, if it needs one, is a leaf: no other lock is taken inside, and hidden
//    descriptors are made before it.
//  - A source with one descriptor for many ports finds, under one port's lock, events of others.
//    It leaves them in those ports' inboxes, and inbox_deliver() rings them after the lock.
#pragma once

#include <cstdint>

#include "libportc/core/owner.h"
#include "libportc/core/port.h"
#include "libportc/core/source.h"

namespace portc {

struct PrivateOps {
  // The source's descriptor is ready: queue what has fired. The lock is held.
  void (*collect)(Port& port);

  // This process gives up the port: end everything it has in it. The lock is held. Make sure
  // that nothing more can come into the inbox, inbox_drain(), then free.
  void (*leave)(Port& port);

  // Free what is kept in port.own[source], if anything. The segment may be gone. Called with the
  // registry's lock, or in a fork child, where what other threads were about to change is in
  // any state: unmap and close, follow no links.
  void (*forget)(Port& port);

  // In a fork child, before forget() of every port: what the process kept for all ports.
  void (*forked)();

  // Move a descriptor of the source's away from number `fd`. False if it has none there.
  bool (*vacate)(int fd);
};

// --- slots; the lock is held ---

// A slot of this process's own in kArmed, which its source finds by itself; 0 if the port
// is full.
uint32_t private_allocate(Port& port, Source source, uint64_t object, uint64_t user);

// Frees it, queued or not.
void private_free(Port& port, uint32_t number);

// Frees all that are this process's own and of that source.
void private_free_all(Port& port, Source source);

// Queues the event of a slot in kArmed. `events` is what the program will read.
void private_fire(Port& port, uint32_t number, int32_t events);

// For SourceOps: only its owner retrieves it; one event, then the slot is free.
bool private_deliverable(Port& port, uint32_t number);
void private_retire_once(Port& port, uint32_t number);
void private_rearm(Port& port, uint32_t number);
void private_drop(Port& port, uint32_t number);

// Is it a slot of this process's own and of that source?
bool private_is_own(Port& port, uint32_t number, Source source);

// After exec: the old image's timers, requests and watches are gone, and so are their slots.
void private_reconcile(Port& port);

// --- descriptors ---

// Hides `fd`, close-on-exec, and closes the number it had. Takes the registry's lock.
// Errors: EMFILE.
Result<int> private_hide(int fd);
void private_close(int fd);

// Makes it an item of the port's epoll set. The lock is held. Errors: ENOMEM, EAGAIN.
Result<void> private_join(Port& port, int fd, Source source);
void private_part(Port& port, int fd);

// Moves a hidden descriptor to another number, which is returned; the old one stays open until
// private_close(). Errors: EMFILE.
Result<int> private_move(int fd);

// The source, as a bit, if the key of an epoll item is one of this process's private_join.
uint32_t private_source_of(uint64_t key);

// --- inboxes ---

// What has happened, until it can be put into its port's queue. Lives in the source's own record.
struct Parcel {
  Parcel* next;
  uint32_t slot;
  int32_t events;
  std::atomic<bool> waiting;  // in an inbox; then its record may not be used for anything else
};

// Leaves it for the port, which the caller knows to be alive. Needs no lock.
void inbox_put(Port& port, Parcel& parcel);

// Fires what is in the inbox, oldest first. The lock is held.
void inbox_drain(Port& port);

// Takes the locks of the ports whose inboxes are not empty. No lock may be held.
void inbox_deliver();

// Sources, as bits, of whose descriptor some thread has read what is for several ports, and is
// still leaving it in their inboxes. A collect of another port then has to wait for it, though
// nothing is ready any more. Set before reading, by a thread that then holds the source's lock.
extern std::atomic<uint32_t> private_in_hand;

extern std::atomic<bool> inbox_any;
inline bool inbox_pending() { return inbox_any.load(std::memory_order_relaxed); }

}  // namespace portc
