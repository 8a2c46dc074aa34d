// SPDX-License-Identifier: MIT
//
// How a symbol leaves the shared objects. Everything else is hidden (-fvisibility=hidden).
#pragma once

#define PORTC_EXPORT __attribute__((visibility("default")))
#define PORTC_INLINE inline __attribute__((always_inline))  // where every call goes through
#define PORTC_LIKELY(x) __builtin_expect(!!(x), 1)
#define PORTC_UNLIKELY(x) __builtin_expect(!!(x), 0)
