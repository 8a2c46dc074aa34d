// SPDX-License-Identifier: MIT
//
// Alert mode: a state of the port, not an event in its queue. While it is on, every retrieval
// returns the alert, and sleepers get the one that woke them even if it has ended since.
// Source: port_alert(3C).
#pragma once

#include <cstdint>

#include "libportc/core/port.h"

namespace portc {

// Puts the port into alert mode. `only_new`: fails with EBUSY if it is in it already.
// Errors: EBUSY, EBADFD.
Result<void> alert_set(Port& port, bool only_new, int32_t events, uint64_t user);

// Ends alert mode, whoever set it. Errors: EBADFD.
Result<void> alert_clear(Port& port);

// Ends it if that process set it. The lock is held.
void alert_end(Port& port, OwnerToken owner);

}  // namespace portc
