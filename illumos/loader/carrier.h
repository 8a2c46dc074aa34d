// SPDX-License-Identifier: MIT
//
// The carrier: a made-up executable of a few kilobytes, in memory only, which is what Linux's
// dynamic loader gets to see instead of the guest. It needs one library, the runtime, and imports
// one name from it. So the guest is no part of the dynamic loader's world: no library of Linux can
// bind to the guest's symbols, no preload object can capture the guest's imports, and neither its
// ABI mark nor its symbol versions are ever looked at. Only the guest's thread-local storage is
// declared as the carrier's, because compiled code addresses it relative to the thread pointer,
// where the executable's comes first.
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>

#include "illumos/elf/image.h"

namespace portc::illumos {

struct Carrier {
  const Elf64_Phdr* segments;
  size_t segment_count;
  void* const* start;  // where the dynamic loader writes portc_illumos_start's address
};

// False if there is no memory. `guest` and `base`: whose thread-local storage it declares.
// `runtime` is the shared object's absolute path, `dynamic_loader` its interpreter's.
bool make_carrier(const Image& guest, uint64_t base, const char* runtime,
                  const char* dynamic_loader, Carrier& carrier);

}  // namespace portc::illumos
