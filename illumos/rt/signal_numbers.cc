// SPDX-License-Identifier: MIT
#include "illumos/rt/signal_numbers.h"

#include "illumos/rt/numbers.h"

namespace portc::illumos {
namespace {

constexpr Number kSignals[] = {
    {0, 0},
#include "illumos/tables/signals.inc"
};
constexpr auto kToGuest = by_host<65>(kSignals);
constexpr auto kToHost = by_guest<abi::kMaxSignal + 1>(kSignals);

constexpr int kHostSignals = 64;

// The kernel's set, which is the first word of libc's.
static_assert(sizeof(sigset_t) >= sizeof(uint64_t));
uint64_t& word_of(sigset_t& set) { return *reinterpret_cast<uint64_t*>(&set); }
uint64_t word_of(const sigset_t& set) { return *reinterpret_cast<const uint64_t*>(&set); }

constexpr uint64_t host_bit(int host) { return uint64_t{1} << (host - 1); }

constexpr abi::SigSet make_hostless() {
  abi::SigSet set = {};
  for (int n = 1; n <= abi::kMaxSignal; ++n)
    if (kToHost.find(n, kNoSignal) == kNoSignal) set.bits[(n - 1) >> 5] |= 1u << ((n - 1) & 31);
  return set;
}
constexpr abi::SigSet kHostless = make_hostless();

constexpr uint64_t make_known() {
  uint64_t word = 0;
  for (int n = 1; n <= kHostSignals; ++n)
    if (kToGuest.find(n, kNoSignal) != kNoSignal) word |= host_bit(n);
  return word;
}
constexpr uint64_t kKnown = make_known();

uint64_t word_to_host(const abi::SigSet& guest) {
  uint64_t host = 0;
  for (int i = 0; i < 3; ++i) {
    for (uint32_t left = guest.bits[i]; left != 0; left &= left - 1) {
      const int number = kToHost.find(i * 32 + __builtin_ctz(left) + 1, kNoSignal);
      if (number != kNoSignal) host |= host_bit(number);
    }
  }
  return host;
}

}  // namespace

int signal_to_host(int guest) { return kToHost.find(guest, kNoSignal); }
int signal_to_guest(int host) { return kToGuest.find(host, kNoSignal); }

sigset_t set_to_host(const abi::SigSet& guest) {
  sigset_t host = {};
  word_of(host) = word_to_host(guest);
  return host;
}

void merge_to_host(const abi::SigSet& guest, sigset_t& host) {
  word_of(host) = (word_of(host) & ~kKnown) | word_to_host(guest);
}

abi::SigSet set_to_guest(const sigset_t& host) {
  abi::SigSet guest = {};
  for (uint64_t left = word_of(host) & kKnown; left != 0; left &= left - 1) {
    const int number = kToGuest.find(__builtin_ctzl(left) + 1, kNoSignal);
    signal_word(guest, number) |= signal_bit(number);
  }
  return guest;
}

abi::SigSet hostless_part(const abi::SigSet& set) {
  abi::SigSet part;
  for (int i = 0; i < 4; ++i) part.bits[i] = set.bits[i] & kHostless.bits[i];
  return part;
}

}  // namespace portc::illumos
