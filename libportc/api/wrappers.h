// SPDX-License-Identifier: MIT
//
// Whether the wrappers of interpose/ are in effect in this process.
#pragma once

namespace portc {

// Does the program's close() come to us? Not if the library was opened with dlopen, comes in
// only through another library that libc precedes, or is linked statically. Ports are then made
// exact, since nobody tells us of a poll.
bool wrappers_active();

// The number with which wrappers_active() calls close(): not a descriptor.
constexpr int kProbeFd = -0x7063;

}  // namespace portc
