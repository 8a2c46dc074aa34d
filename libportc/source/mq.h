// SPDX-License-Identifier: MIT
//
// Message queues: PORT_SOURCE_MQ. The kernel itself says when a message has come to an empty queue
// that nobody waits for, in the way it was given for libc's SIGEV_THREAD: a registration has a
// cookie of 32 bytes, which the kernel sends to a netlink socket when the registration ends, with
// the reason in its last byte. The socket is the source's descriptor, one for each port of this
// process that has had a registration.
//
//  - A registration is an entry of the port's table and a slot, both from the request until its
//    message has been read, whatever ended it. The cookie names the entry and a serial number, so
//    that an old message is never taken for a new registration's.
//  - The kernel counts what is registered against the socket's receive buffer and puts callers to
//    sleep when that is full; so a registration that might not fit fails first.
//  - A mark for each descriptor of a queue remembers that its last registration was a port's:
//    ending one that is not there is an error then, as on illumos. Otherwise Linux has its way.
//
// Source: Linux ipc/mqueue.c, do_mq_notify() and remove_notification(); mq_notify(3C); illumos
// lib/libc/port/rt/mqueue.c.
#pragma once

#include <atomic>
#include <cstdint>

#include "libportc/base/export.h"
#include "libportc/core/private.h"

namespace portc {

constexpr uint32_t kMqRegistrations = 4096;  // of one port

struct MqMark {
  std::atomic<uint64_t> name;   // of the last registration; 0: none, or not a port's
  std::atomic<uint64_t> queue;  // which queue the descriptor was then
};

// By descriptor number. Null until the first registration; read by the wrappers.
extern "C" PORTC_EXPORT std::atomic<MqMark*> portc_private_mq_marks;

extern const SourceOps kMqOps;

// Is it the descriptor of a message queue? Errors: EBADF; ENOSYS (a kernel without queues).
Result<void> mq_check(int queue);

// One event when a message comes to the empty queue: events 0, object `queue`.
// Locks: takes the port's.
// Errors, in this order: EBADF (the port has just been closed), EBADFD, ENOMEM, EMFILE, ENFILE,
// ENOTSUP (no netlink sockets here), EAGAIN (slots, or what a port can have registered), then the
// kernel's: EBADF, EBUSY (somebody is registered), ENOMEM.
Result<void> mq_register(Port& port, int queue, uint64_t user);

// Was the last registration through this descriptor one of mq_register's, in this process?
bool mq_is_marked(int queue);

// Ends the registration that was made through the marked descriptor; an event that is queued
// already stays. Locks: takes the port's.
// Errors: EBUSY (there is none: never made, fired, or ended), EBADF.
Result<void> mq_unregister(int queue);

// The descriptor is about to be closed, or something else is registered through it now.
void mq_unmark(int queue);

}  // namespace portc
