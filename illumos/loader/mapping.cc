// SPDX-License-Identifier: MIT
#include "illumos/loader/mapping.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>

#include "libportc/base/sys.h"

namespace portc::illumos {
namespace {

long map(uint64_t at, uint64_t size, int protection, int flags, int file, uint64_t offset) {
  return sys::raw(SYS_mmap, static_cast<long>(at), static_cast<long>(size), protection, flags, file,
                  static_cast<long>(offset));
}

int protection_of(const Elf64_Phdr& segment) {
  return ((segment.p_flags & PF_R) != 0 ? PROT_READ : 0) |
         ((segment.p_flags & PF_W) != 0 ? PROT_WRITE : 0) |
         ((segment.p_flags & PF_X) != 0 ? PROT_EXEC : 0);
}

int map_file_part(int file, const Elf64_Phdr& segment, uint64_t base, int protection) {
  const uint64_t start = page_down(segment.p_vaddr);
  const uint64_t size = page_up(segment.p_vaddr + segment.p_filesz) - start;
  const long r = map(base + start, size, protection, MAP_PRIVATE | MAP_FIXED, file,
                     page_down(segment.p_offset));
  return r < 0 ? static_cast<int>(r) : 0;
}

// The rest of the last page that has bytes of the file. To the page's end, even if the segment
// ends before: Linux's dynamic loader allocates there.
int clear_tail(uint64_t from, int protection) {
  const long page = static_cast<long>(page_down(from));
  const bool writable = (protection & PROT_WRITE) != 0;
  if (!writable) {
    const long r = sys::raw(SYS_mprotect, page, kPage, PROT_READ | PROT_WRITE);
    if (r < 0) return static_cast<int>(r);
  }
  __builtin_memset(reinterpret_cast<void*>(from), 0, page_up(from) - from);
  if (!writable) return static_cast<int>(sys::raw(SYS_mprotect, page, kPage, protection));
  return 0;
}

int map_segment(int file, const Elf64_Phdr& segment, uint64_t base) {
  const int protection = protection_of(segment);
  const uint64_t file_end = base + segment.p_vaddr + segment.p_filesz;
  const uint64_t end = base + segment.p_vaddr + segment.p_memsz;
  uint64_t mapped = page_down(base + segment.p_vaddr);
  if (segment.p_filesz != 0) {
    int r = map_file_part(file, segment, base, protection);
    mapped = page_up(file_end);
    if (r == 0 && segment.p_memsz > segment.p_filesz) r = clear_tail(file_end, protection);
    if (r != 0) return r;
  }
  if (mapped >= end) return 0;
  const long r = map(mapped, page_up(end) - mapped, protection,
                     MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0);
  return r < 0 ? static_cast<int>(r) : 0;
}

}  // namespace

int read_head(int file, Head& head) {
  struct stat status;
  long r = sys::raw(SYS_fstat, file, sys::arg(&status));
  if (r < 0) return static_cast<int>(r);
  if (!S_ISREG(status.st_mode)) return -ENOEXEC;
  head.file_size = static_cast<uint64_t>(status.st_size);
  r = sys::raw(SYS_pread64, file, sys::arg(head.bytes), sizeof head.bytes, 0);
  if (r < 0) return static_cast<int>(r);
  head.length = static_cast<size_t>(r);
  return 0;
}

int map_image(int file, const Image& image, uint64_t& base) {
  const uint64_t size = image.high - image.low;
  const int fixed = image.fixed ? MAP_FIXED_NOREPLACE : 0;
  const long at = map(image.fixed ? image.low : 0, size, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
  if (at < 0) return static_cast<int>(at);
  if (image.fixed && static_cast<uint64_t>(at) != image.low) {
    (void)sys::raw(SYS_munmap, at, static_cast<long>(size));
    return -EEXIST;
  }
  base = static_cast<uint64_t>(at) - image.low;
  for (size_t i = 0; i < image.header_count; ++i) {
    const Elf64_Phdr& segment = image.header[i];
    if (segment.p_type != PT_LOAD || segment.p_memsz == 0) continue;
    if (const int r = map_segment(file, segment, base); r != 0) return r;
  }
  return 0;
}

}  // namespace portc::illumos
