// SPDX-License-Identifier: MIT
//
// User events: port_send. Retrievable by every process that has the port.
// Source: port_send(3C).
#pragma once

#include <cstdint>

#include "libportc/core/port.h"
#include "libportc/core/source.h"

namespace portc {

extern const SourceOps kUserOps;

// Queues one event. Async-signal-safe, also over one of this thread's own critical sections.
// Errors: EBADF, EAGAIN (no free slot), EBADFD.
Result<void> user_send(Port& port, int32_t events, uint64_t user);

}  // namespace portc
