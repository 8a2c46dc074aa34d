// SPDX-License-Identifier: MIT
//
// Addresses that come from the program: is the memory there? The kernel is asked, because a
// SIGSEGV inside a critical section would be ours, and the manual promises EFAULT.
//
// The answer for the last range found writable, and for the last page found readable, is
// remembered per thread, so that a loop that uses one buffer asks once. DEVIATION portc(7)
// fault-cache: memory that was valid then and has been unmapped since raises SIGSEGV.
#pragma once

#include <cstddef>

namespace portc {

// May `size` bytes at `address` be read? Size 0 is always true.
bool user_readable(const void* address, size_t size);

// May they be written? Nothing is written.
bool user_writable(void* address, size_t size);

}  // namespace portc
