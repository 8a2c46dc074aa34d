// SPDX-License-Identifier: MIT
//
// How the guest knows what Linux's libc, and libportc behind it, know by other ids: for events of
// ports, which name their object.
#pragma once

#include <cstdint>

namespace portc::illumos {

uint64_t timer_object_to_guest(uint64_t host);
uint64_t aio_object_to_guest(uint64_t host);

}  // namespace portc::illumos
