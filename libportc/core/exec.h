// SPDX-License-Identifier: MIT
//
// execve closes descriptors and ends what is private, and what a process owned there must go when
// another holder of the port next looks; but an execve can fail, and a process that succeeds runs
// none of our code any more.
//
// So before it tries, the process announces itself as a leaver of the port, marks what would end,
// and takes a record lock on the port's memory, on the byte of its announcement, through a
// close-on-exec duplicate. The kernel drops record locks when a process closes any descriptor of
// the file, so execve does that when it succeeds, and whoever finds the announcement without the
// lock ends what is marked. If the execve fails, the process takes everything back. One that is
// killed in between is dead, and its marks are as good as its death.
//
// The new program finds its own announcement, if it has the port: it does the rest by itself.
#pragma once

#include "libportc/core/port.h"

namespace portc {

// This process is about to execute a program. True if exec_failed() must follow when that fails.
// Async-signal-safe.
bool exec_begin();
void exec_failed();

// Ends what those have left whose execve has succeeded. False if one is still under way: look
// again. The lock is held.
bool exec_settle(Port& port);

// In the new program: nothing is announced any more. The lock is held.
void exec_arrived(Port& port);

// In a process that has not used the port since its last execve, and did not get it through that:
// what an image before this one had announced ends, before this one's can be taken for it. The lock
// is held.
void exec_rejoined(Port& port);

// In a fork child: it is not the one that executes.
void exec_reset_child();

}  // namespace portc
