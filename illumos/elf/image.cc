// SPDX-License-Identifier: MIT
#include "illumos/elf/image.h"

namespace portc::illumos {
namespace {

bool inside(uint64_t offset, uint64_t size, uint64_t total) {
  return offset <= total && size <= total - offset;
}

bool sane_span(uint64_t address, uint64_t size) {
  return address < kMaxAddress && size < kMaxAddress - address;
}

bool power_of_two(uint64_t n) { return (n & (n - 1)) == 0; }

Problem check_loaded(const Elf64_Phdr& load, uint64_t end_of_last, uint64_t file_size) {
  if (load.p_filesz > load.p_memsz || !sane_span(load.p_vaddr, load.p_memsz))
    return Problem::kHeaders;
  // In rising order, as the ABI wants it, no two on one page, and mappable.
  if (page_down(load.p_vaddr) < page_up(end_of_last) ||
      load.p_offset % kPage != load.p_vaddr % kPage)
    return Problem::kHeaders;
  if (!inside(load.p_offset, load.p_filesz, file_size)) return Problem::kTruncated;
  return Problem::kNone;
}

// Does a segment's memory contain these bytes?
bool covered(const Image& image, uint64_t address, uint64_t size) {
  for (size_t i = 0; i < image.header_count; ++i) {
    const Elf64_Phdr& load = image.header[i];
    if (load.p_type == PT_LOAD && address >= load.p_vaddr &&
        inside(address - load.p_vaddr, size, load.p_memsz))
      return true;
  }
  return false;
}

// Where the program headers are in memory: in the segment that has their part of the file.
uint64_t find_headers(const Image& image, uint64_t offset) {
  const uint64_t size = image.header_count * sizeof(Elf64_Phdr);
  for (size_t i = 0; i < image.header_count; ++i) {
    const Elf64_Phdr& load = image.header[i];
    if (load.p_type == PT_LOAD && offset >= load.p_offset &&
        inside(offset - load.p_offset, size, load.p_filesz))
      return load.p_vaddr + (offset - load.p_offset);
  }
  return 0;
}

Problem check_tls(const Image& image) {
  if (image.tls == nullptr) return Problem::kNone;
  const Elf64_Phdr& tls = *image.tls;
  if (tls.p_filesz > tls.p_memsz || tls.p_memsz >= kMaxAddress || !power_of_two(tls.p_align) ||
      tls.p_align > kPage)
    return Problem::kHeaders;
  if (tls.p_filesz != 0 && !covered(image, tls.p_vaddr, tls.p_filesz)) return Problem::kHeaders;
  return Problem::kNone;
}

}  // namespace

const char* describe(Problem problem) {
  switch (problem) {
    case Problem::kNone:
      return "it can be run";
    case Problem::kNotElf:
      return "it is not an ELF file";
    case Problem::k32Bit:
      return "it is a 32-bit program";
    case Problem::kMachine:
      return "it is for another kind of processor";
    case Problem::kType:
      return "it is not an executable program";
    case Problem::kTruncated:
      return "the file is truncated";
    case Problem::kHeaders:
      return "its headers make no sense";
    case Problem::kStatic:
      return "it is statically linked";
    case Problem::kInterpreter:
      return "it is not an illumos program";
  }
  return "it cannot be run";
}

Problem check_header(const void* bytes, size_t length) {
  const auto* ident = static_cast<const unsigned char*>(bytes);
  if (length < SELFMAG || __builtin_memcmp(ident, ELFMAG, SELFMAG) != 0) return Problem::kNotElf;
  if (length < sizeof(Elf64_Ehdr)) return Problem::kTruncated;
  if (ident[EI_CLASS] == ELFCLASS32) return Problem::k32Bit;
  if (ident[EI_CLASS] != ELFCLASS64 || ident[EI_VERSION] != EV_CURRENT) return Problem::kNotElf;
  Elf64_Ehdr header;
  __builtin_memcpy(&header, bytes, sizeof header);
  if (ident[EI_DATA] != ELFDATA2LSB || header.e_machine != EM_X86_64) return Problem::kMachine;
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN) return Problem::kType;
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 ||
      header.e_phnum > kMaxSegments || header.e_phoff % alignof(Elf64_Phdr) != 0)
    return Problem::kHeaders;
  if (!inside(header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr), length))
    return Problem::kTruncated;
  return Problem::kNone;
}

Problem read_segments(const Elf64_Phdr* header, size_t count, uint64_t file_size, Image& image) {
  image.header = header;
  image.header_count = count;
  uint64_t end = 0;
  bool any = false;
  for (size_t i = 0; i < count; ++i) {
    const Elf64_Phdr& segment = header[i];
    if (segment.p_type == PT_DYNAMIC) image.dynamic = &segment;
    if (segment.p_type == PT_INTERP) image.interpreter = &segment;
    if (segment.p_type == PT_TLS && segment.p_memsz != 0) image.tls = &segment;
    if (segment.p_type != PT_LOAD || segment.p_memsz == 0) continue;
    const Problem problem = check_loaded(segment, end, file_size);
    if (problem != Problem::kNone) return problem;
    if (!any) image.low = page_down(segment.p_vaddr);
    any = true;
    end = segment.p_vaddr + segment.p_memsz;
  }
  if (!any) return Problem::kHeaders;
  image.high = page_up(end);
  if (image.dynamic != nullptr && (image.dynamic->p_vaddr % alignof(Elf64_Dyn) != 0 ||
                                   !covered(image, image.dynamic->p_vaddr, image.dynamic->p_memsz)))
    return Problem::kHeaders;
  return check_tls(image);
}

Problem check_segments(const void* bytes, size_t length, uint64_t file_size, Image& image) {
  Elf64_Ehdr header;
  __builtin_memcpy(&header, bytes, sizeof header);
  if (!inside(header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr), length))
    return Problem::kTruncated;
  image.fixed = header.e_type == ET_EXEC;
  image.entry = header.e_entry;
  const auto* segments = reinterpret_cast<const Elf64_Phdr*>(  //
      static_cast<const char*>(bytes) + header.e_phoff);
  const Problem problem = read_segments(segments, header.e_phnum, file_size, image);
  if (problem != Problem::kNone) return problem;
  image.headers = find_headers(image, header.e_phoff);
  if (!covered(image, image.entry, 1)) return Problem::kHeaders;
  if (image.interpreter == nullptr || image.dynamic == nullptr) return Problem::kStatic;
  if (image.interpreter->p_filesz == 0 || image.interpreter->p_filesz > kMaxInterpreter)
    return Problem::kHeaders;
  if (!inside(image.interpreter->p_offset, image.interpreter->p_filesz, file_size))
    return Problem::kTruncated;
  return Problem::kNone;
}

bool is_illumos_interpreter(const char* path, size_t length) {
  constexpr char kPaths[][24] = {"/lib/amd64/ld.so.1", "/usr/lib/amd64/ld.so.1", "/lib/64/ld.so.1",
                                 "/usr/lib/64/ld.so.1"};
  for (const auto& known : kPaths) {
    const size_t size = __builtin_strlen(known) + 1;  // the file has the zero byte, too
    if (length == size && __builtin_memcmp(path, known, size) == 0) return true;
  }
  return false;
}

}  // namespace portc::illumos
