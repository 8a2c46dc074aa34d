// SPDX-License-Identifier: MIT
#include "illumos/link/symbols.h"

#include <cstring>

#include "illumos/rt/data.h"
#include "illumos/rt/hosts.h"
#include "illumos/rt/pass.h"
#include "illumos/tables/declarations.inc"

namespace portc::illumos {

const Symbol kSymbols[] = {
#include "illumos/tables/symbols.inc"
};
const size_t kSymbolCount = sizeof kSymbols / sizeof kSymbols[0];

const Symbol* find_symbol(const char* name) {
  size_t low = 0, high = kSymbolCount;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(kSymbols[middle].name, name);
    if (order == 0) return &kSymbols[middle];
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return nullptr;
}

bool known_library(const char* name) {
  static constexpr const char* kLibraries[] = {
#include "illumos/tables/libraries.inc"
  };
  for (const char* library : kLibraries) {
    const size_t length = strlen(name);
    if (strncmp(library, name, length) != 0) continue;
    // "libc.so" is libc.so.1, as the link editor knows it; Go asks for that.
    if (library[length] == '\0' || (length > 3 && strcmp(name + length - 3, ".so") == 0))
      return true;
  }
  return false;
}

}  // namespace portc::illumos
