// SPDX-License-Identifier: MIT
//
// What a guest's handler gets to see of a signal: its number, its information and the machine
// context that it interrupted, in illumos's layouts.
#pragma once

#include <ucontext.h>

#include <csignal>
#include <ctime>

#include "illumos/abi/signal.h"

namespace portc::illumos {

// What a sender of Linux's has said, for waiters and handlers. The address of the instruction is
// known only of a fault that was caught.
abi::SigInfo info_to_guest(const siginfo_t& host);
siginfo_t info_to_host(const abi::SigInfo& guest);

// What the thread goes on with when the context that it runs in ends; null: nothing (contexts.cc).
extern thread_local abi::UContext* link_of_current;

void context_to_guest(const ucontext_t& host, abi::UContext& guest);
// Registers and floating point; the mask is the caller's business.
void registers_to_host(const abi::UContext& guest, ucontext_t& host);

// False for a kind of notification that there is not.
bool event_to_host(const abi::SigEvent& guest, sigevent& host);

}  // namespace portc::illumos
