// SPDX-License-Identifier: MIT
//
// Shared<T>: one field of memory that other processes map, too. Every access is a single
// relaxed atomic load or store: a value is read once, checked, and then used, so that a hostile
// writer cannot change it between the check and the use. Ordering comes from the port's lock,
// or from the few places that say acquire and release.
#pragma once

#include <type_traits>

namespace portc {

template <typename T>
class Shared {
  static_assert(std::is_integral_v<T>);

 public:
  operator T() const { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }
  T operator=(T value) {
    __atomic_store_n(&value_, value, __ATOMIC_RELAXED);
    return value;
  }
  Shared& operator=(const Shared& other) {
    *this = T(other);
    return *this;
  }

  T acquire() const { return __atomic_load_n(&value_, __ATOMIC_ACQUIRE); }
  void release(T value) { __atomic_store_n(&value_, value, __ATOMIC_RELEASE); }

  // True if the field held `expected` and now holds `desired`.
  bool exchange_if(T expected, T desired) {
    return __atomic_compare_exchange_n(&value_, &expected, desired, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
  }
  T fetch_add(T delta) { return __atomic_fetch_add(&value_, delta, __ATOMIC_ACQ_REL); }
  T fetch_or(T bits) { return __atomic_fetch_or(&value_, bits, __ATOMIC_ACQ_REL); }

  T* address() { return &value_; }

 private:
  T value_;
};

static_assert(sizeof(Shared<unsigned>) == sizeof(unsigned));

}  // namespace portc
