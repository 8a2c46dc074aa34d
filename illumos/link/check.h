// SPDX-License-Identifier: MIT
//
// `portc-run --check PROGRAM`: what the program imports, and what of that there is.
#pragma once

#include "illumos/link/guest.h"

namespace portc::illumos {

// Prints a line for each import, "provided", "approximated" or "missing", library and name, then
// the counts. The exit status: 0; 1 if something is missing; 126 if the tables make no sense.
int check(const Guest& guest, const char* program);

}  // namespace portc::illumos
