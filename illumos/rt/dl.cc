// SPDX-License-Identifier: MIT
//
// The dynamic loader's functions. A guest cannot load further objects; it can look up what it
// defines itself and what it could have imported.
// Source: illumos dlopen(3C), dlsym(3C), <dlfcn.h>, <link.h>.
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "illumos/link/symbols.h"
#include "illumos/rt/start.h"

namespace portc::illumos {
namespace {

thread_local char last_error[256];
thread_local bool has_error;

void* const kHandle = const_cast<char*>("portc");

void* refuse(const char* format, const char* name) {
  snprintf(last_error, sizeof last_error, format, name);
  has_error = true;
  return nullptr;
}

// Beyond a megabyte there is no sensible table; symbol() is null before that in any case.
constexpr uint64_t kMaxSymbols = 1 << 20;

void* find_in_guest(const char* name) {
  const Guest& program = guest();
  for (uint64_t i = 1; i < program.symbol_count() && i < kMaxSymbols; ++i) {
    const Elf64_Sym* symbol = program.symbol(i);
    if (symbol == nullptr) return nullptr;
    if (symbol->st_shndx == SHN_UNDEF || ELF64_ST_BIND(symbol->st_info) == STB_LOCAL) continue;
    if (strcmp(program.name(*symbol), name) == 0) return program.at(symbol->st_value, 1, PF_R);
  }
  return nullptr;
}

const char* describe(const Symbol& symbol) { return symbol.library; }

struct Information {  // Dl_info
  const char* path;
  void* base;
  const char* name;
  void* address;
};

struct ObjectInformation {  // dl_phdr_info
  uint64_t base;
  const char* name;
  const Elf64_Phdr* segments;
  uint16_t segment_count;
  uint64_t added, removed;
};

bool is_in_guest(uint64_t address) {
  for (size_t i = 0; i < guest().segment_count(); ++i) {
    const Elf64_Phdr& segment = guest().segments()[i];
    const uint64_t first = guest().base() + segment.p_vaddr;
    if (segment.p_type == PT_LOAD && address >= first && address < first + segment.p_memsz)
      return true;
  }
  return false;
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" void* il_dlopen(const char* path, int) {
  if (path == nullptr || known_library(path)) return kHandle;
  return refuse("%s: illumos shared objects cannot be loaded on Linux", path);
}

extern "C" void* il_dlmopen(long, const char* path, int flags) { return il_dlopen(path, flags); }

extern "C" int il_dlclose(void*) { return 0; }

extern "C" char* il_dlerror() {
  if (!has_error) return nullptr;
  has_error = false;
  return last_error;
}

// RTLD_DEFAULT, RTLD_NEXT, RTLD_SELF and the one handle there is: all the same name space, in
// which the program comes first, except for RTLD_NEXT.
extern "C" void* il_dlsym(void* handle, const char* name) {
  constexpr intptr_t kNext = -1;
  if (reinterpret_cast<intptr_t>(handle) != kNext)
    if (void* own = find_in_guest(name)) return own;
  if (const Symbol* symbol = find_symbol(name); symbol != nullptr && describe(*symbol) != nullptr)
    return const_cast<void*>(symbol->address);
  return refuse("%s: symbol not found", name);
}

extern "C" int il_dladdr(void* address, Information* out) {
  if (!is_in_guest(reinterpret_cast<uint64_t>(address))) return 0;
  *out = {handover().program, reinterpret_cast<void*>(guest().base()), nullptr, nullptr};
  return 1;
}

extern "C" int il_dlinfo(void*, int, void*) {
  (void)refuse("%s: not supported", "dlinfo");
  return -1;
}

extern "C" int il_dl_iterate_phdr(int (*each)(ObjectInformation*, size_t, void*), void* context) {
  ObjectInformation program = {guest().base(),
                               handover().program,
                               guest().segments(),
                               static_cast<uint16_t>(guest().segment_count()),
                               1,
                               0};
  return each(&program, sizeof program, context);
}
