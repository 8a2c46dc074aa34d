// SPDX-License-Identifier: MIT
//
// What a process does to its descriptors, as far as ports are concerned: closing, duplicating,
// polling. The wrappers of interpose/ report it here.
#pragma once

#include <cstdint>

#include "libportc/core/port.h"

namespace portc {

// `fd` is about to be closed, by close or by a dup2 over it. Ends this process's associations of
// it; if it is a port, wakes the threads that sleep through this number, and with the process's
// last number gives up what is the process's own in the port.
// False: it is one of the runtime's own and must stay. Async-signal-safe.
bool descriptor_closing(int fd);

// `made` has just become a duplicate of `fd`.
void descriptor_duplicated(int fd, int made);

// FD_CLOEXEC of `fd` has changed.
void descriptor_cloexec_changed(int fd);

// Makes room for a dup2 onto one of the runtime's own. False if it could not be moved.
bool descriptor_vacate(int fd);

// Somebody will poll the port `fd`: its doorbell follows the queue from now on. No effect on
// any other descriptor.
void descriptor_watch(int fd);

// What poll and fstat say of a port. False if `fd` is not known to be one.
struct PortStatus {
  uint32_t queued;
  bool room;  // a port_send would find a slot
  uint32_t uid;
  uint32_t gid;
  int64_t created_s;
  int64_t created_ns;
};
bool descriptor_status(int fd, PortStatus& status);

}  // namespace portc
