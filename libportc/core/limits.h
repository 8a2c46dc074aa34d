// SPDX-License-Identifier: MIT
//
// The limits of port_create, from the environment of the moment: PORTC_MAX_EVENTS,
// PORTC_MAX_PORTS, PORTC_EXACT and PORTC_REARM, portc(7).
#pragma once

#include "libportc/core/attach.h"

namespace portc {

// A variable that is not a number in its range, or a name that is known, counts as not set.
// Set-user-id programs have the defaults.
PortLimits limits_now();

}  // namespace portc
