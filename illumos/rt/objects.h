// SPDX-License-Identifier: MIT
//
// Objects that guests import: a guest that is not position-independent code has a copy of its own
// (R_X86_64_COPY), and that is the one that counts.
#pragma once

#include "illumos/rt/start.h"

namespace portc::illumos {

template <typename T>
T& guest_object(const char* name, T& ours) {
  void* copy = guest().find_own(name, sizeof(T));
  return copy != nullptr ? *static_cast<T*>(copy) : ours;
}

}  // namespace portc::illumos
