// SPDX-License-Identifier: MIT
//
// Sending a port over a socket. SCM_RIGHTS carries descriptors, and a port is four of them; so
// in the program's control message each port is replaced by one "bag": a datagram socket whose
// only message holds {port, memory, doorbell, wake}. The count of descriptors stays, a relay that
// knows nothing of ports can pass the bag on, and it works after its maker has exited. The
// receiver's wrapper, or its first port call, puts the port itself in the bag's place.
#pragma once

#include "libportc/core/port.h"

namespace portc {

// A bag for the port `fd`, close-on-exec; the caller closes it after sending.
// Errors: those of port_acquire, EMFILE, ENFILE, ENOMEM.
Result<int> bag_make(int fd);

bool bag_recognise(int fd);

// If `fd` is a bag, puts the port into its number and registers it.
// Errors: EBADFD (not a bag, or an unusable one), EMFILE, ENOMEM.
Result<PortRef> bag_open(int fd);

}  // namespace portc
