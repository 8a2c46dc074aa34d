// SPDX-License-Identifier: MIT
//
// Signal numbers and sets of both systems. Some of illumos's signals have no number here: they
// reach only the process that sends them to itself (rt/signals.cc).
#pragma once

#include <csignal>

#include "illumos/abi/signal.h"

namespace portc::illumos {

constexpr int kNoSignal = -1;

// 0 is 0 (kill's question whether somebody is there); kNoSignal if there is no such number.
int signal_to_host(int guest);
int signal_to_guest(int host);

inline bool is_guest_signal(int number) { return number >= 1 && number <= abi::kMaxSignal; }

inline uint32_t signal_bit(int guest) { return 1u << ((guest - 1) & 31); }
inline uint32_t& signal_word(abi::SigSet& set, int guest) { return set.bits[(guest - 1) >> 5]; }
inline bool has_signal(const abi::SigSet& set, int guest) {
  return (set.bits[(guest - 1) >> 5] & signal_bit(guest)) != 0;
}

// Those signals of a set that Linux has, or illumos has.
sigset_t set_to_host(const abi::SigSet& guest);
abi::SigSet set_to_guest(const sigset_t& host);

// Those that Linux does not have.
abi::SigSet hostless_part(const abi::SigSet& set);

// Keeps what illumos has no number for in `host` as it is.
void merge_to_host(const abi::SigSet& guest, sigset_t& host);

}  // namespace portc::illumos
