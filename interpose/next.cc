// SPDX-License-Identifier: MIT
#include "interpose/next.h"

#include <dlfcn.h>
#include <fcntl.h>

#include <cstdlib>

namespace portc::interpose {

constinit void* next_table[kSymbols] = {};

namespace {

constexpr const char* kNames[kSymbols] = {
#define PORTC_SYM(name, family, reason) #name,
#include "interpose/symbols.def"
#undef PORTC_SYM
};

// All of them now: later calls may come from signal handlers and vfork children, where dlsym may
// not be called.
__attribute__((constructor)) void fill_table() {
  for (unsigned i = 0; i < kSymbols; ++i) (void)resolve(static_cast<Symbol>(i));
}

}  // namespace

void* resolve(Symbol symbol) {
  const unsigned index = static_cast<unsigned>(symbol);
  void* found = dlsym(RTLD_NEXT, kNames[index]);
  __atomic_store_n(&next_table[index], found, __ATOMIC_RELAXED);
  return found;
}

}  // namespace portc::interpose
