// SPDX-License-Identifier: MIT
//
// Translating numbers and flags by the tables in tables/, each a list of pairs. Of several pairs
// with one number, the first counts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace portc::illumos {

struct Number {
  int64_t host;
  int64_t guest;
};

// Small numbers: looked up in an array that the compiler makes.
template <size_t kSize>
struct Lookup {
  static constexpr int16_t kNone = -1;
  int16_t to[kSize];

  constexpr int find(int64_t from, int otherwise) const {
    return from >= 0 && from < static_cast<int64_t>(kSize) && to[from] != kNone ? to[from]
                                                                                : otherwise;
  }
};

template <size_t kSize, size_t kCount>
constexpr Lookup<kSize> by_host(const Number (&table)[kCount]) {
  Lookup<kSize> lookup = {};
  for (auto& entry : lookup.to) entry = Lookup<kSize>::kNone;
  for (const Number& pair : table)
    if (lookup.to[pair.host] == Lookup<kSize>::kNone)
      lookup.to[pair.host] = static_cast<int16_t>(pair.guest);
  return lookup;
}

template <size_t kSize, size_t kCount>
constexpr Lookup<kSize> by_guest(const Number (&table)[kCount]) {
  Lookup<kSize> lookup = {};
  for (auto& entry : lookup.to) entry = Lookup<kSize>::kNone;
  for (const Number& pair : table)
    if (lookup.to[pair.guest] == Lookup<kSize>::kNone)
      lookup.to[pair.guest] = static_cast<int16_t>(pair.host);
  return lookup;
}

// Large or sparse numbers (ioctl requests): looked for one after the other.
template <size_t kCount>
constexpr int64_t host_number(const Number (&table)[kCount], int64_t guest, int64_t otherwise) {
  for (const Number& pair : table)
    if (pair.guest == guest) return pair.host;
  return otherwise;
}

template <size_t kCount>
constexpr int64_t guest_number(const Number (&table)[kCount], int64_t host, int64_t otherwise) {
  for (const Number& pair : table)
    if (pair.host == host) return pair.guest;
  return otherwise;
}

// Flags: every pair whose bits are all there. `rest` gets what no pair accounts for.
template <size_t kCount>
constexpr int64_t host_flags(const Number (&table)[kCount], int64_t guest, int64_t& rest) {
  int64_t host = 0;
  rest = guest;
  for (const Number& pair : table) {
    if ((guest & pair.guest) != pair.guest) continue;
    host |= pair.host;
    rest &= ~pair.guest;
  }
  return host;
}

template <size_t kCount>
constexpr int64_t guest_flags(const Number (&table)[kCount], int64_t host) {
  int64_t guest = 0;
  for (const Number& pair : table)
    if ((host & pair.host) == pair.host) guest |= pair.guest;
  return guest;
}

}  // namespace portc::illumos
