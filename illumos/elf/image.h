// SPDX-License-Identifier: MIT
//
// What an ELF file says about itself, checked. Used by the loader, which has no C library, and by
// the runtime: nothing here allocates, calls libc, or reads outside what it is given. The file is
// untrusted; every size and address that leaves this room has been checked against the others.
//
// Source: the System V ABI, chapters 4 and 5, and its x86-64 supplement.
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>

namespace portc::illumos {

constexpr uint64_t kPage = 4096;
constexpr uint64_t page_down(uint64_t address) { return address & ~(kPage - 1); }
constexpr uint64_t page_up(uint64_t address) { return page_down(address + kPage - 1); }

constexpr size_t kMaxSegments = 64;
constexpr size_t kMaxInterpreter = 256;
constexpr uint64_t kMaxAddress = 1ULL << 47;

// Why a file cannot be run, in the order in which it is found out.
enum class Problem : uint8_t {
  kNone,
  kNotElf,
  k32Bit,
  kMachine,      // not x86-64, or not little-endian
  kType,         // neither executable nor position-independent executable
  kTruncated,    // it ends before something that its headers speak of
  kHeaders,      // the headers contradict themselves
  kStatic,       // no interpreter: nothing in it could be translated
  kInterpreter,  // another system's
};

// One clear line without a full stop: "it is a 32-bit program".
const char* describe(Problem problem);

// The addresses are the file's own; `base` is added where it was loaded elsewhere.
struct Image {
  bool fixed = false;  // ET_EXEC: only at its own addresses
  uint64_t entry = 0;
  uint64_t low = 0;  // the pages it occupies: [low, high)
  uint64_t high = 0;
  uint64_t headers = 0;  // the program headers in memory; 0 if no segment has them
  size_t header_count = 0;
  const Elf64_Phdr* header = nullptr;  // as given
  const Elf64_Phdr* dynamic = nullptr;
  const Elf64_Phdr* tls = nullptr;
  const Elf64_Phdr* interpreter = nullptr;
};

// Looks at the first bytes of a file. kTruncated if they do not reach to the program headers' end
// (64 + 56 * kMaxSegments bytes do when these come first, as every linker puts them).
Problem check_header(const void* bytes, size_t length);

// Fills the image from the program headers behind a header that was checked. `file_size` bounds
// what they may speak of.
Problem check_segments(const void* bytes, size_t length, uint64_t file_size, Image& image);

// The same for program headers that are in memory already, of a program that the kernel mapped.
Problem read_segments(const Elf64_Phdr* header, size_t count, uint64_t file_size, Image& image);

// Is this the path of an illumos interpreter (/lib/amd64/ld.so.1 and its other names)?
bool is_illumos_interpreter(const char* path, size_t length);

}  // namespace portc::illumos
