// SPDX-License-Identifier: MIT
//
// The guest's own tables, read with care: they come from an untrusted file and were not looked at
// by anybody before. Addresses are the guest's until at() has checked and moved them.
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>

namespace portc::illumos {

class Guest {
 public:
  Guest(uint64_t base, const Elf64_Phdr* segments, size_t count)
      : base_(base), segments_(segments), count_(count) {}

  // False, with a line for the user in why(), if the tables lead out of the program.
  bool read_dynamic();
  const char* why() const { return why_; }

  uint64_t base() const { return base_; }
  const Elf64_Phdr* segments() const { return segments_; }
  size_t segment_count() const { return count_; }

  // Where `size` bytes at a guest's address are; null unless one segment has them all, with all
  // of these flags (PF_R, PF_W, PF_X).
  void* at(uint64_t address, uint64_t size, uint32_t flags) const;

  size_t needed_count() const { return needed_count_; }
  const char* needed(size_t i) const { return string(needed_[i]); }

  const Elf64_Rela* relocations(size_t table) const { return tables_[table].first; }
  size_t relocation_count(size_t table) const { return tables_[table].count; }
  static constexpr size_t kTables = 2;  // DT_RELA's and DT_JMPREL's

  // Null if the table does not reach that far, or the name is not a string inside it.
  const Elf64_Sym* symbol(uint64_t index) const;
  const char* name(const Elf64_Sym& symbol) const { return string(symbol.st_name); }

  // From its hash table; 0 if it has none.
  uint64_t symbol_count() const { return symbol_count_; }

  // A name that the guest itself defines; null if it does not.
  void* find_own(const char* name, uint64_t size) const;

  // How far below the thread pointer its thread-local storage begins, by the ABI's formula.
  uint64_t tls_offset() const;

  struct Array {
    const uint64_t* first = nullptr;
    size_t count = 0;
  };
  Array preinit, init, fini;  // functions that the dynamic loader calls; absolute addresses

 private:
  struct Table {
    const Elf64_Rela* first = nullptr;
    size_t count = 0;
  };
  static constexpr size_t kMaxNeeded = 64;

  const char* string(uint64_t offset) const;
  bool read_entries(const Elf64_Dyn* dynamic, size_t count);
  bool read_table(Table& table, uint64_t address, uint64_t size);
  bool read_array(Array& array, uint64_t address, uint64_t size);
  bool refuse(const char* why);

  uint64_t base_;
  const Elf64_Phdr* segments_;
  size_t count_;
  const char* why_ = "";
  const char* strings_ = nullptr;
  uint64_t strings_size_ = 0;
  uint64_t symbols_ = 0;       // the guest's address
  uint64_t symbol_count_ = 0;  // from its hash table; 0 if unknown
  Table tables_[kTables];
  uint64_t needed_[kMaxNeeded];
  size_t needed_count_ = 0;
};

}  // namespace portc::illumos
