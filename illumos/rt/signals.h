// SPDX-License-Identifier: MIT
//
// Which handler of the guest's is whose, and how a signal gets to it.
#pragma once

#include <ucontext.h>

#include <csignal>

#include "illumos/abi/signal.h"

namespace portc::illumos {

// The signal that the runtime keeps for itself: illumos has no such number, nothing sends it.
constexpr int kNudge = SIGSTKFLT;

// Makes sure that kNudge is caught: by suspension, cancellation and the signals that Linux does
// not have.
void catch_nudges();

// The calling thread's mask, with the signals that Linux does not have.
void change_mask(int host_how, const abi::SigSet& set, abi::SigSet* old);

// Sends a signal of the guest's to the calling thread. 0 or an errno of Linux's.
int raise_guest(int signal);

}  // namespace portc::illumos
