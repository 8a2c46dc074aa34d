// SPDX-License-Identifier: MIT
#include "illumos/link/bind.h"

#include <cstring>

#include "illumos/link/stubs.h"

namespace portc::illumos {
namespace {

template <typename Each>
bool for_each_relocation(const Guest& guest, Each each) {
  for (size_t table = 0; table < Guest::kTables; ++table)
    for (size_t i = 0; i < guest.relocation_count(table); ++i)
      if (!each(guest.relocations(table)[i])) return false;
  return true;
}

// What a relocation's symbol is: null if it has none or is the guest's own.
const Elf64_Sym* import_of(const Guest& guest, const Elf64_Rela& relocation) {
  const uint64_t index = ELF64_R_SYM(relocation.r_info);
  const Elf64_Sym* symbol = index != 0 ? guest.symbol(index) : nullptr;
  if (symbol == nullptr) return nullptr;
  // A copy relocation's symbol is defined by the guest, and means ours all the same.
  const bool copied = ELF64_R_TYPE(relocation.r_info) == R_X86_64_COPY;
  return symbol->st_shndx == SHN_UNDEF || copied ? symbol : nullptr;
}

bool is_weak(const Elf64_Sym& symbol) { return ELF64_ST_BIND(symbol.st_info) == STB_WEAK; }

class Binder {
 public:
  Binder(const Guest& guest, bool trace) : guest_(guest), trace_(trace) {}

  const char* run() {
    if (!stubs_.reserve(count_stubs())) return "there is not enough memory";
    if (!for_each_relocation(guest_, [this](const Elf64_Rela& r) { return apply(r); })) return why_;
    if (!stubs_.seal()) return "the system does not let a program make code";
    return nullptr;
  }

 private:
  // At most one for each relocation with an import.
  size_t count_stubs() const {
    size_t count = 0;
    (void)for_each_relocation(guest_, [&](const Elf64_Rela& relocation) {
      count += import_of(guest_, relocation) != nullptr;
      return true;
    });
    return count;
  }

  bool refuse(const char* why) {
    why_ = why;
    return false;
  }

  const void* function(const Symbol& symbol) {
    return trace_ && symbol.size == 0 ? stubs_.traced(symbol) : symbol.address;
  }

  // The absolute address that a symbol stands for.
  bool value(const Elf64_Sym& symbol, uint64_t& out) {
    if (symbol.st_shndx != SHN_UNDEF) {
      out = symbol.st_shndx == SHN_ABS ? symbol.st_value : guest_.base() + symbol.st_value;
      return true;
    }
    const char* name = guest_.name(symbol);
    if (const Symbol* found = find_symbol(name)) {
      out = reinterpret_cast<uint64_t>(function(*found));
    } else if (is_weak(symbol)) {
      out = 0;
    } else if (ELF64_ST_TYPE(symbol.st_info) == STT_OBJECT) {
      return refuse("an object that it imports is not provided");
    } else {
      out = reinterpret_cast<uint64_t>(stubs_.missing(name));
    }
    return true;
  }

  bool copy(const Elf64_Sym& symbol, uint64_t target) {
    const Symbol* found = find_symbol(guest_.name(symbol));
    if (found == nullptr || found->size == 0)
      return refuse("an object that it imports is not provided");
    const uint64_t size = symbol.st_size < found->size ? symbol.st_size : found->size;
    void* to = guest_.at(target, size, PF_W);
    if (to == nullptr) return refuse("a relocation leads out of it");
    memcpy(to, found->address, size);
    return true;
  }

  bool store(uint64_t target, uint64_t word) {
    void* to = guest_.at(target, sizeof word, PF_W);
    if (to == nullptr) return refuse("a relocation leads out of what it may write");
    memcpy(to, &word, sizeof word);
    return true;
  }

  bool apply(const Elf64_Rela& relocation) {
    const uint64_t target = relocation.r_offset;
    const auto addend = static_cast<uint64_t>(relocation.r_addend);
    const uint64_t type = ELF64_R_TYPE(relocation.r_info);
    if (type == R_X86_64_NONE) return true;
    if (type == R_X86_64_RELATIVE) return store(target, guest_.base() + addend);
    if (type == R_X86_64_DTPMOD64) return store(target, kTlsModule);

    const Elf64_Sym* symbol = guest_.symbol(ELF64_R_SYM(relocation.r_info));
    if (symbol == nullptr) return refuse("a relocation has no symbol");
    if (type == R_X86_64_COPY) return copy(*symbol, target);
    if (type == R_X86_64_DTPOFF64) return store(target, symbol->st_value + addend);
    if (type == R_X86_64_TPOFF64)
      return store(target, symbol->st_value + addend - guest_.tls_offset());
    uint64_t absolute = 0;
    if (!value(*symbol, absolute)) return false;
    switch (type) {
      case R_X86_64_64:
        return store(target, absolute + addend);
      case R_X86_64_GLOB_DAT:
      case R_X86_64_JUMP_SLOT:
        return store(target, absolute);
      default:
        return refuse("it has a relocation of a kind that is not known");
    }
  }

  static constexpr uint64_t kTlsModule = 1;  // the executable's (loader/carrier.h)

  const Guest& guest_;
  const bool trace_;
  Stubs stubs_;
  const char* why_ = "";
};

// Has an earlier relocation the same name? (One name can have several symbols.)
bool seen_before(const Guest& guest, size_t table, size_t at, const char* name) {
  for (size_t t = 0; t <= table; ++t) {
    const size_t count = t == table ? at : guest.relocation_count(t);
    for (size_t i = 0; i < count; ++i) {
      const Elf64_Sym* symbol = import_of(guest, guest.relocations(t)[i]);
      if (symbol != nullptr && strcmp(guest.name(*symbol), name) == 0) return true;
    }
  }
  return false;
}

}  // namespace

bool list_imports(const Guest& guest, Imports& imports) {
  for (size_t table = 0; table < Guest::kTables; ++table) {
    for (size_t i = 0; i < guest.relocation_count(table); ++i) {
      const Elf64_Rela& relocation = guest.relocations(table)[i];
      const uint64_t index = ELF64_R_SYM(relocation.r_info);
      if (index == 0) continue;
      if (guest.symbol(index) == nullptr) return false;
      const Elf64_Sym* symbol = import_of(guest, relocation);
      if (symbol == nullptr || seen_before(guest, table, i, guest.name(*symbol))) continue;
      if (const Symbol* found = find_symbol(guest.name(*symbol)))
        imports.provided(*found);
      else
        imports.missing(guest.name(*symbol), is_weak(*symbol));
    }
  }
  return true;
}

const char* bind(const Guest& guest, bool trace) { return Binder(guest, trace).run(); }

}  // namespace portc::illumos
