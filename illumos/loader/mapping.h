// SPDX-License-Identifier: MIT
//
// Brings an ELF file into memory, as the kernel's exec does.
#pragma once

#include "illumos/elf/image.h"

namespace portc::illumos {

// A file's first bytes, where its headers are.
struct Head {
  alignas(16) char bytes[sizeof(Elf64_Ehdr) + kMaxSegments * sizeof(Elf64_Phdr)] = {};
  size_t length = 0;
  uint64_t file_size = 0;
};

// 0 or -errno: -ENOEXEC when it is no regular file.
int read_head(int file, Head& head);

// Maps what the image says, at its own addresses if it is fixed, and fills in how far it was
// moved. 0 or -errno: -EEXIST when something is there already.
int map_image(int file, const Image& image, uint64_t& base);

}  // namespace portc::illumos
