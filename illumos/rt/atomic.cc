// SPDX-License-Identifier: MIT
//
// Atomic operations: names for sizes; the other names are aliases of these (atomic.tab).
// Source: illumos atomic_ops(3C), <atomic.h>.
#include <cstdint>

// "x op= by" in three forms: nothing, the new value, the old value.
#define FOR_SIZE(bits)                                                                           \
  extern "C" void il_atomic_add_##bits(uint##bits##_t* at, long by) {                            \
    (void)__atomic_add_fetch(at, static_cast<uint##bits##_t>(by), __ATOMIC_SEQ_CST);             \
  }                                                                                              \
  extern "C" uint##bits##_t il_atomic_add_##bits##_nv(uint##bits##_t* at, long by) {             \
    return __atomic_add_fetch(at, static_cast<uint##bits##_t>(by), __ATOMIC_SEQ_CST);            \
  }                                                                                              \
  extern "C" void il_atomic_inc_##bits(uint##bits##_t* at) {                                     \
    (void)__atomic_add_fetch(at, 1, __ATOMIC_SEQ_CST);                                           \
  }                                                                                              \
  extern "C" uint##bits##_t il_atomic_inc_##bits##_nv(uint##bits##_t* at) {                      \
    return __atomic_add_fetch(at, 1, __ATOMIC_SEQ_CST);                                          \
  }                                                                                              \
  extern "C" void il_atomic_dec_##bits(uint##bits##_t* at) {                                     \
    (void)__atomic_sub_fetch(at, 1, __ATOMIC_SEQ_CST);                                           \
  }                                                                                              \
  extern "C" uint##bits##_t il_atomic_dec_##bits##_nv(uint##bits##_t* at) {                      \
    return __atomic_sub_fetch(at, 1, __ATOMIC_SEQ_CST);                                          \
  }                                                                                              \
  extern "C" void il_atomic_and_##bits(uint##bits##_t* at, uint##bits##_t with) {                \
    (void)__atomic_and_fetch(at, with, __ATOMIC_SEQ_CST);                                        \
  }                                                                                              \
  extern "C" uint##bits##_t il_atomic_and_##bits##_nv(uint##bits##_t* at, uint##bits##_t with) { \
    return __atomic_and_fetch(at, with, __ATOMIC_SEQ_CST);                                       \
  }                                                                                              \
  extern "C" void il_atomic_or_##bits(uint##bits##_t* at, uint##bits##_t with) {                 \
    (void)__atomic_or_fetch(at, with, __ATOMIC_SEQ_CST);                                         \
  }                                                                                              \
  extern "C" uint##bits##_t il_atomic_or_##bits##_nv(uint##bits##_t* at, uint##bits##_t with) {  \
    return __atomic_or_fetch(at, with, __ATOMIC_SEQ_CST);                                        \
  }                                                                                              \
  extern "C" uint##bits##_t il_atomic_swap_##bits(uint##bits##_t* at, uint##bits##_t value) {    \
    return __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);                                     \
  }                                                                                              \
  extern "C" uint##bits##_t il_atomic_cas_##bits(uint##bits##_t* at, uint##bits##_t expected,    \
                                                 uint##bits##_t value) {                         \
    (void)__atomic_compare_exchange_n(at, &expected, value, false, __ATOMIC_SEQ_CST,             \
                                      __ATOMIC_SEQ_CST);                                         \
    return expected;                                                                             \
  }

FOR_SIZE(8)
FOR_SIZE(16)
FOR_SIZE(32)
FOR_SIZE(64)

// -1 if the bit was so already.
extern "C" int il_atomic_set_long_excl(unsigned long* at, unsigned bit) {
  const unsigned long mask = 1UL << bit;
  return (__atomic_fetch_or(at, mask, __ATOMIC_SEQ_CST) & mask) != 0 ? -1 : 0;
}

extern "C" int il_atomic_clear_long_excl(unsigned long* at, unsigned bit) {
  const unsigned long mask = 1UL << bit;
  return (__atomic_fetch_and(at, ~mask, __ATOMIC_SEQ_CST) & mask) == 0 ? -1 : 0;
}

extern "C" void il_membar() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
