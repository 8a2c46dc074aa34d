// SPDX-License-Identifier: MIT
//
// Source: the System V ABI, chapter 5; the illumos Linker and Libraries Guide.
#include "illumos/link/guest.h"

#include <cstring>

#include "illumos/elf/image.h"

namespace portc::illumos {
namespace {

struct Dynamic {
  uint64_t strings = 0, strings_size = 0, symbols = 0, hash = 0;
  uint64_t rela = 0, rela_size = 0, jmprel = 0, jmprel_size = 0;
  uint64_t preinit = 0, preinit_size = 0, init = 0, init_size = 0, fini = 0, fini_size = 0;
  bool foreign = false;  // relocations without addends, which x86-64 does not use
};

void note(const Elf64_Dyn& entry, Dynamic& out) {
  const uint64_t value = entry.d_un.d_val;
  switch (entry.d_tag) {
    case DT_STRTAB:
      out.strings = value;
      break;
    case DT_STRSZ:
      out.strings_size = value;
      break;
    case DT_SYMTAB:
      out.symbols = value;
      break;
    case DT_HASH:
      out.hash = value;
      break;
    case DT_RELA:
      out.rela = value;
      break;
    case DT_RELASZ:
      out.rela_size = value;
      break;
    case DT_JMPREL:
      out.jmprel = value;
      break;
    case DT_PLTRELSZ:
      out.jmprel_size = value;
      break;
    case DT_PREINIT_ARRAY:
      out.preinit = value;
      break;
    case DT_PREINIT_ARRAYSZ:
      out.preinit_size = value;
      break;
    case DT_INIT_ARRAY:
      out.init = value;
      break;
    case DT_INIT_ARRAYSZ:
      out.init_size = value;
      break;
    case DT_FINI_ARRAY:
      out.fini = value;
      break;
    case DT_FINI_ARRAYSZ:
      out.fini_size = value;
      break;
    case DT_SYMENT:
      out.foreign = out.foreign || value != sizeof(Elf64_Sym);
      break;
    case DT_RELAENT:
      out.foreign = out.foreign || value != sizeof(Elf64_Rela);
      break;
    case DT_PLTREL:
      out.foreign = out.foreign || value != DT_RELA;
      break;
    case DT_REL:
      out.foreign = true;
      break;
    default:
      break;
  }
}

}  // namespace

bool Guest::refuse(const char* why) {
  why_ = why;
  return false;
}

void* Guest::at(uint64_t address, uint64_t size, uint32_t flags) const {
  for (size_t i = 0; i < count_; ++i) {
    const Elf64_Phdr& segment = segments_[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & flags) != flags) continue;
    if (address < segment.p_vaddr || address - segment.p_vaddr > segment.p_memsz) continue;
    if (size > segment.p_memsz - (address - segment.p_vaddr)) continue;
    return reinterpret_cast<void*>(base_ + address);
  }
  return nullptr;
}

const char* Guest::string(uint64_t offset) const {
  if (offset >= strings_size_) return nullptr;
  const char* text = strings_ + offset;
  return memchr(text, '\0', strings_size_ - offset) != nullptr ? text : nullptr;
}

bool Guest::read_table(Table& table, uint64_t address, uint64_t size) {
  if (size == 0) return true;
  table.first = static_cast<const Elf64_Rela*>(at(address, size, PF_R));
  table.count = size / sizeof(Elf64_Rela);
  return table.first != nullptr && address % alignof(Elf64_Rela) == 0;
}

bool Guest::read_array(Array& array, uint64_t address, uint64_t size) {
  if (size == 0) return true;
  array.first = static_cast<const uint64_t*>(at(address, size, PF_R));
  array.count = size / sizeof(uint64_t);
  return array.first != nullptr && address % sizeof(uint64_t) == 0;
}

bool Guest::read_entries(const Elf64_Dyn* dynamic, size_t count) {
  Dynamic found;
  for (size_t i = 0; i < count && dynamic[i].d_tag != DT_NULL; ++i) {
    note(dynamic[i], found);
    if (dynamic[i].d_tag != DT_NEEDED) continue;
    if (needed_count_ == kMaxNeeded) return refuse("it needs too many libraries");
    needed_[needed_count_++] = dynamic[i].d_un.d_val;
  }
  if (found.foreign) return refuse("its tables are in a form that x86-64 programs do not use");
  strings_ = static_cast<const char*>(at(found.strings, found.strings_size, PF_R));
  if (strings_ == nullptr) return refuse("its table of names is outside of it");
  strings_size_ = found.strings_size;
  symbols_ = found.symbols;
  if (symbols_ % alignof(Elf64_Sym) != 0) return refuse("its table of symbols is misplaced");
  if (found.hash != 0 && found.hash % alignof(uint32_t) == 0)
    if (const auto* hash = static_cast<const uint32_t*>(at(found.hash, 8, PF_R)))
      symbol_count_ = hash[1];
  if (!read_table(tables_[0], found.rela, found.rela_size) ||
      !read_table(tables_[1], found.jmprel, found.jmprel_size))
    return refuse("its relocations are outside of it");
  if (!read_array(preinit, found.preinit, found.preinit_size) ||
      !read_array(init, found.init, found.init_size) ||
      !read_array(fini, found.fini, found.fini_size))
    return refuse("its list of constructors is outside of it");
  return true;
}

bool Guest::read_dynamic() {
  for (size_t i = 0; i < count_; ++i) {
    if (segments_[i].p_type != PT_DYNAMIC) continue;
    const auto* dynamic =
        static_cast<const Elf64_Dyn*>(at(segments_[i].p_vaddr, segments_[i].p_memsz, PF_R));
    if (dynamic == nullptr) break;
    if (!read_entries(dynamic, segments_[i].p_memsz / sizeof(Elf64_Dyn))) return false;
    for (size_t n = 0; n < needed_count_; ++n)
      if (needed(n) == nullptr)
        return refuse("the name of a library that it needs is outside of it");
    return true;
  }
  return refuse("it has no dynamic table");
}

const Elf64_Sym* Guest::symbol(uint64_t index) const {
  if (index > kMaxAddress / sizeof(Elf64_Sym)) return nullptr;
  const auto* symbol = static_cast<const Elf64_Sym*>(
      at(symbols_ + index * sizeof(Elf64_Sym), sizeof(Elf64_Sym), PF_R));
  return symbol != nullptr && name(*symbol) != nullptr ? symbol : nullptr;
}

void* Guest::find_own(const char* wanted, uint64_t size) const {
  for (uint64_t i = 1; i < symbol_count_; ++i) {
    const Elf64_Sym* own = symbol(i);
    if (own == nullptr) return nullptr;
    if (own->st_shndx == SHN_UNDEF || strcmp(name(*own), wanted) != 0) continue;
    return at(own->st_value, size, PF_R | PF_W);
  }
  return nullptr;
}

uint64_t Guest::tls_offset() const {
  for (size_t i = 0; i < count_; ++i) {
    const Elf64_Phdr& tls = segments_[i];
    if (tls.p_type != PT_TLS || tls.p_memsz == 0) continue;
    const uint64_t align = tls.p_align == 0 ? 1 : tls.p_align;
    const uint64_t first = -tls.p_vaddr & (align - 1);
    return ((tls.p_memsz - first + align - 1) & ~(align - 1)) + first;
  }
  return 0;
}

}  // namespace portc::illumos
