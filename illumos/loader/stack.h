// SPDX-License-Identifier: MIT
//
// The vector that the kernel leaves on a new program's stack: argc, argv, a null pointer, envp, a
// null pointer, and the auxiliary vector up to AT_NULL. It must stay in one piece.
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>

namespace portc::illumos {

class Stack {
 public:
  explicit Stack(uint64_t* vector) : vector_(vector) {}

  size_t argument_count() const { return vector_[0]; }
  char** arguments() const { return reinterpret_cast<char**>(vector_ + 1); }
  char** environment() const { return arguments() + argument_count() + 1; }

  Elf64_auxv_t* auxiliary() const {
    char** end = environment();
    while (*end != nullptr) ++end;
    return reinterpret_cast<Elf64_auxv_t*>(end + 1);
  }

  // Null if there is none.
  Elf64_auxv_t* find(uint64_t type) const {
    for (Elf64_auxv_t* entry = auxiliary(); entry->a_type != AT_NULL; ++entry)
      if (entry->a_type == type) return entry;
    return nullptr;
  }

  uint64_t value(uint64_t type) const {
    const Elf64_auxv_t* entry = find(type);
    return entry != nullptr ? entry->a_un.a_val : 0;
  }

  void set(uint64_t type, uint64_t value) {
    if (Elf64_auxv_t* entry = find(type)) entry->a_un.a_val = value;
  }

  // Drops the first words; the rest moves down, so that the alignment stays.
  void drop_arguments(size_t count) {
    auto* end = reinterpret_cast<uint64_t*>(auxiliary());
    while (end[0] != AT_NULL) end += 2;
    end += 2;
    vector_[0] -= count;
    for (uint64_t* word = vector_ + 1; word + count < end; ++word) *word = word[count];
  }

 private:
  uint64_t* vector_;
};

}  // namespace portc::illumos
