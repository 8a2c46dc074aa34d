// SPDX-License-Identifier: MIT
//
// The signal box: port_send from a signal handler that interrupted one of this thread's critical
// sections. It cannot wait for the lock, which it holds itself; it leaves the event in the
// port's box, without the lock, and whoever holds or next takes the lock puts it in the queue.
#pragma once

#include <cstdint>

#include "libportc/core/port.h"

namespace portc {

// Errors: EAGAIN (the box is full, or the port is). Async-signal-safe; takes no lock.
Result<void> box_put(Port& port, int32_t events, uint64_t user);

// Counts anew what is in the box, after a death. The lock is held.
void box_repair(Port& port);

// Moves the box's events to the queue, in the order they were put. The lock is held.
void box_drain(Port& port);

}  // namespace portc
