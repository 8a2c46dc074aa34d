// SPDX-License-Identifier: MIT
//
// What the loader tells the runtime about the guest that it found or mapped. Plain data: one is
// a static program without a C library, the other a shared object.
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>

namespace portc::illumos {

struct Handover {
  uint64_t base;               // what to add to the guest's own addresses
  uint64_t entry;              // absolute
  const Elf64_Phdr* segments;  // checked (elf/image.h), in memory
  size_t segment_count;
  bool check;             // list the imports instead of running it
  bool from_kernel;       // the kernel started the guest, through its PT_INTERP
  const char* program;    // its path
  const char* loader;     // the loader's own path, to start further guests with
  const char* directory;  // where the runtime is
};

}  // namespace portc::illumos

// The runtime's only exported name. `stack` is argc, argv, envp and the auxiliary vector, as the
// kernel leaves them; `at_exit` is the dynamic loader's own function to register.
extern "C" [[noreturn]] void portc_illumos_start(uint64_t* stack,
                                                 const portc::illumos::Handover* handover,
                                                 void (*at_exit)());
