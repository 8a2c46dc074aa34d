// SPDX-License-Identifier: MIT
//
// Who has what mapped, as /proc says.
#pragma once

namespace portc {

// Is it certain that the process of thread `tid` does not have mapped what is mapped at `address`
// here, a file or memory that is shared like one? False when in doubt: no /proc, or that of
// another pid namespace; a process that may not be looked into.
bool maps_surely_lack(int tid, const void* address);

}  // namespace portc
