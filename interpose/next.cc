// SPDX-License-Identifier: MIT
//
// In a preloaded program, two objects have the wrappers: the preload object, which comes before
// libc, and the libportc.so.1 that it needs, which comes after. Nothing follows libc, and a
// dlsym that fails is no quiet matter: it allocates, which a program can notice.
#include "interpose/next.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <link.h>

#include <cstdint>
#include <cstdlib>

// This object, as the linker lays it out.
extern "C" __attribute__((visibility("hidden"))) const char __ehdr_start[];
extern "C" __attribute__((visibility("hidden"))) const char _end[];

namespace portc::interpose {

constinit void* next_table[kSymbols] = {};

namespace {

constexpr const char* kNames[kSymbols] = {
#define PORTC_SYM(name, family, reason) #name,
#include "interpose/symbols.def"
#undef PORTC_SYM
};

enum class Place { kUnknown, kBeforeLibc, kAfterLibc };

constinit int place = static_cast<int>(Place::kUnknown);

bool is_in(const struct dl_phdr_info& object, uintptr_t address) {
  for (int i = 0; i < object.dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = object.dlpi_phdr[i];
    if (part.p_type == PT_LOAD && address - object.dlpi_addr - part.p_vaddr < part.p_memsz)
      return true;
  }
  return false;
}

// Objects come in lookup order.
int look_for_place(struct dl_phdr_info* object, size_t, void*) {
  if (is_in(*object, reinterpret_cast<uintptr_t>(__ehdr_start)))
    return static_cast<int>(Place::kBeforeLibc);
  if (is_in(*object, reinterpret_cast<uintptr_t>(&gnu_get_libc_version)))
    return static_cast<int>(Place::kAfterLibc);
  return 0;
}

bool comes_before_libc() {
  int found = __atomic_load_n(&place, __ATOMIC_RELAXED);
  if (found == static_cast<int>(Place::kUnknown)) {
    found = dl_iterate_phdr(look_for_place, nullptr);
    __atomic_store_n(&place, found, __ATOMIC_RELAXED);
  }
  return found == static_cast<int>(Place::kBeforeLibc);
}

bool is_ours(const void* function) {
  const char* const address = static_cast<const char*>(function);
  return address >= __ehdr_start && address < _end;
}

// After libc, the wrappers here are called only by objects that look in their own dependencies
// first (RTLD_DEEPBIND). What the rest of the program calls is next for them; unless that is us,
// because we were loaded together with such an object, whose dependencies then have a next one.
void* find_next(const char* name) {
  if (!comes_before_libc()) {
    void* const found = dlsym(RTLD_DEFAULT, name);
    if (!is_ours(found)) return found;
  }
  return dlsym(RTLD_NEXT, name);
}

// All of them now: later calls may come from signal handlers and vfork children, where dlsym may
// not be called.
__attribute__((constructor)) void fill_table() {
  bool all = true;
  for (unsigned i = 0; i < kSymbols; ++i)
    if (resolve(static_cast<Symbol>(i)) == nullptr) all = false;
  if (!all) (void)dlerror();  // a C library without one of the older names
}

}  // namespace

void* resolve(Symbol symbol) {
  const unsigned index = static_cast<unsigned>(symbol);
  void* found = find_next(kNames[index]);
  __atomic_store_n(&next_table[index], found, __ATOMIC_RELAXED);
  return found;
}

}  // namespace portc::interpose
