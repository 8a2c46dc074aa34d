// SPDX-License-Identifier: MIT
//
// Small functions made at run time, one for each import that needs one.
#pragma once

#include <cstddef>

#include "illumos/link/symbols.h"

namespace portc::illumos {

class Stubs {
 public:
  // Room for so many. False if there is no memory for them.
  bool reserve(size_t count);

  // Says that `name` is not provided, and exits with 127. Keeps the pointer.
  const void* missing(const char* name);

  // Traces a call, then makes it. Keeps the pointer.
  const void* traced(const Symbol& symbol);

  // Nothing more is made: the code becomes executable and stays as it is. False on failure.
  bool seal();

 private:
  const void* emit(const unsigned char* code, size_t size);

  unsigned char* memory_ = nullptr;
  size_t size_ = 0;
  size_t used_ = 0;
};

}  // namespace portc::illumos
