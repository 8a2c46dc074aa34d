// SPDX-License-Identifier: MIT
//
// Making a port, and meeting one that this process did not make: inherited through exec, passed
// over a socket, duplicated behind our back.
//
// A port's epoll set says which segment is its own: the doorbell is an item of it, and the item's
// key holds the numbers of `wake` and `memory` in the process that added it. /proc/self/fdinfo
// shows keys; EPOLL_CTL_MOD of the doorbell proves that a number is what it claims. Without
// /proc, the range of hidden numbers is searched.
#pragma once

#include <cstdint>

#include "libportc/core/port.h"

namespace portc {

// Limits as they are at the time of a port_create, from the environment.
struct PortLimits {
  uint32_t events;  // slots of the new port
  uint32_t ports;   // ports of this process
  bool exact;       // every port is exactly pollable from birth
  bool shared;      // ... and goes by what holds for several processes
  Rearm rearm;
};

// What a process needs for its first port: the tables, and to know who it is. With the registry's
// lock. Errors: EMFILE, ENFILE, ENOMEM.
Result<void> port_prepare();

// A new port's descriptor, the lowest free number, without FD_CLOEXEC.
// Errors, in this order: EAGAIN (limits.ports), EMFILE, ENFILE, ENOMEM. Nothing is left behind.
Result<int> port_make(const PortLimits& limits);

// Finds out which port `fd` is and registers it.
// Errors: EBADF (not open), EBADFD (not a port, or its memory is unusable), ENOMEM, EMFILE.
Result<PortRef> port_attach(int fd);

// Is `fd` a port, known or not? Does not attach.
bool port_recognise(int fd);

// Is `fd`, whatever is known of it, this port? Asks the kernel.
bool port_is_at(const Port& port, int fd);

// Keys of items with this bit name no slot.
constexpr uint64_t kForeignKey = uint64_t{1} << 63;

// Hidden descriptors of a port that arrived from elsewhere. All are owned by the callee.
struct PortParts {
  int memory_fd;
  int doorbell_fd;
  int wake_fd;
};

// Makes the doorbell an item of the port's epoll set under its number in this process, where
// another process may have added it under the same number. False if it is not possible.
bool doorbell_join(int port_fd, const PortParts& parts);

// Puts the epoll set `set_fd` in the place of `fd`, and registers that as the port whose parts
// these are. With the registry's lock. All but `fd` are the callee's; on failure it closes them,
// and `fd` is what it was.
// Errors: EBADFD, ENOMEM, EMFILE.
Result<PortRef> port_adopt(int set_fd, PortParts parts, int fd);

}  // namespace portc
