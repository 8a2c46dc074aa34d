// SPDX-License-Identifier: MIT
//
// Where the loader itself is, and with it the runtime, which is installed beside it.
#pragma once

#include <climits>
#include <cstdint>

namespace portc::illumos {

struct Place {
  char loader[PATH_MAX] = {};     // our own file
  char directory[PATH_MAX] = {};  // its folder
  char runtime[PATH_MAX] = {};    // the runtime in it
};

// False when neither the kernel's list of mappings nor `fallback`, which may be null, tells.
// The list is asked because it names the file behind a symbolic link from /lib/amd64/ld.so.1.
bool find_place(const char* fallback, Place& place);

}  // namespace portc::illumos
