// SPDX-License-Identifier: MIT
//
// What the runtime offers to guests: one sorted table, generated from tables/symbols.tab. That is
// the whole of the guests' name space; nothing is ever looked up in Linux's libraries.
#pragma once

#include <cstddef>
#include <cstdint>

namespace portc::illumos {

struct Symbol {
  const char* name;
  const char* library;    // illumos's: "libc.so.1"
  const char* signature;  // for the trace: see trace.h
  const void* address;
  uint32_t size;            // of an object; 0 for a function
  const char* approximate;  // what is not as on illumos; null if nothing is known
};

extern const Symbol kSymbols[];
extern const size_t kSymbolCount;

// Null if it is not provided.
const Symbol* find_symbol(const char* name);

// Do we know a library of this name (libc.so.1, or without a version)?
bool known_library(const char* name);

}  // namespace portc::illumos
