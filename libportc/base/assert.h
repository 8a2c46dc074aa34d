// SPDX-License-Identifier: MIT
//
// PORTC_ASSERT: a programming error of ours. On in every build for cheap checks; never
// reachable with bad user arguments or with corrupted shared memory.
#pragma once

#include "libportc/base/export.h"

namespace portc {

[[noreturn]] void assert_fail(const char* file, int line, const char* expression);

}  // namespace portc

#define PORTC_ASSERT(x) \
  (PORTC_LIKELY(x) ? static_cast<void>(0) : ::portc::assert_fail(__FILE__, __LINE__, #x))
