// SPDX-License-Identifier: MIT
//
// The guest's environment is its own: its start-up code sets the pointer, and so may the program.
#pragma once

namespace portc::illumos {

char**& guest_environment();

// Null if it is not set.
const char* guest_variable(const char* name);

// Before a function of Linux's that looks at the environment (TZ, PATH, a shell's) is called.
void lend_environment();

}  // namespace portc::illumos
