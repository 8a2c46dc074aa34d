// SPDX-License-Identifier: MIT
//
// clock_gettime as the vDSO has it, found in the vDSO's own symbol table. libc's may be shifted,
// scaled or stopped by somebody's preload object; what the kernel's timers go by is not.
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

#include <atomic>
#include <cstring>

#include "libportc/base/sys.h"

namespace portc::sys {
namespace {

using ClockGettime = int (*)(clockid_t, struct timespec*);

#if defined(__x86_64__)
constexpr const char* kName = "__vdso_clock_gettime";
#else
constexpr const char* kName = "__kernel_clock_gettime";
#endif

// The tables of the vDSO's dynamic section, moved to where it lies.
struct Tables {
  const char* base;
  const ElfW(Sym) * symbols;
  const char* names;
  const uint32_t* hash;      // DT_HASH
  const uint32_t* gnu_hash;  // DT_GNU_HASH: some kernels have only one of the two
};

bool find_tables(const char* image, Tables& tables) {
  const auto* header = reinterpret_cast<const ElfW(Ehdr)*>(image);
  const auto* program = reinterpret_cast<const ElfW(Phdr)*>(image + header->e_phoff);
  const ElfW(Dyn)* dynamic = nullptr;
  tables = {nullptr, nullptr, nullptr, nullptr, nullptr};
  for (int i = 0; i < header->e_phnum; ++i) {
    if (program[i].p_type == PT_LOAD && tables.base == nullptr)
      tables.base = image + program[i].p_offset - program[i].p_vaddr;
    if (program[i].p_type == PT_DYNAMIC)
      dynamic = reinterpret_cast<const ElfW(Dyn)*>(image + program[i].p_offset);
  }
  if (tables.base == nullptr || dynamic == nullptr) return false;
  for (; dynamic->d_tag != DT_NULL; ++dynamic) {
    const char* const at = tables.base + dynamic->d_un.d_ptr;
    if (dynamic->d_tag == DT_SYMTAB) tables.symbols = reinterpret_cast<const ElfW(Sym)*>(at);
    if (dynamic->d_tag == DT_STRTAB) tables.names = at;
    if (dynamic->d_tag == DT_HASH) tables.hash = reinterpret_cast<const uint32_t*>(at);
    if (dynamic->d_tag == DT_GNU_HASH) tables.gnu_hash = reinterpret_cast<const uint32_t*>(at);
  }
  return tables.symbols != nullptr && tables.names != nullptr;
}

// The hash tables are here only to say how many symbols there are: a dozen.
uint32_t symbol_count(const Tables& tables) {
  if (tables.hash != nullptr) return tables.hash[1];
  if (tables.gnu_hash == nullptr) return 0;
  const uint32_t buckets = tables.gnu_hash[0], first = tables.gnu_hash[1];
  const uint32_t bloom_words = tables.gnu_hash[2] * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
  const uint32_t* const bucket = tables.gnu_hash + 4 + bloom_words;
  const uint32_t* const chain = bucket + buckets;
  uint32_t last = 0;
  for (uint32_t i = 0; i < buckets; ++i)
    if (bucket[i] > last) last = bucket[i];
  if (last < first) return first;
  while ((chain[last - first] & 1) == 0) ++last;
  return last + 1;
}

int ask_kernel(clockid_t clock, struct timespec* now) {
  return static_cast<int>(raw(SYS_clock_gettime, clock, arg(now)));
}

ClockGettime find() {
  const auto* image = reinterpret_cast<const char*>(::getauxval(AT_SYSINFO_EHDR));
  Tables tables;
  if (image == nullptr || !find_tables(image, tables)) return ask_kernel;
  const uint32_t count = symbol_count(tables);
  for (uint32_t i = 0; i < count; ++i) {
    const ElfW(Sym)& symbol = tables.symbols[i];
    if (symbol.st_shndx == SHN_UNDEF || strcmp(tables.names + symbol.st_name, kName) != 0) continue;
    return reinterpret_cast<ClockGettime>(const_cast<char*>(tables.base + symbol.st_value));
  }
  return ask_kernel;
}

constinit std::atomic<ClockGettime> found{nullptr};

}  // namespace

void clock_read(clockid_t clock, struct timespec* now) {
  ClockGettime function = found.load(std::memory_order_relaxed);
  if (PORTC_UNLIKELY(function == nullptr)) {
    function = find();
    found.store(function, std::memory_order_relaxed);
  }
  (void)function(clock, now);
}

}  // namespace portc::sys
