// SPDX-License-Identifier: MIT
//
// Binds the guest's imports to the runtime's symbols: applies its relocations.
#pragma once

#include "illumos/link/guest.h"
#include "illumos/link/symbols.h"

namespace portc::illumos {

// What a guest asks for, in the order of its relocations; each name once.
struct Imports {
  virtual void provided(const Symbol& symbol) = 0;
  virtual void missing(const char* name, bool weak) = 0;

 protected:
  ~Imports() = default;
};

// Calls the above for each import. False if the tables lead out of the program.
bool list_imports(const Guest& guest, Imports& imports);

// Applies every relocation. A function that is missing is bound to a stub that names it and ends
// the process with 127; a missing object is an error. `trace` puts a line on standard error for
// each call (trace.h). Null, or a line for the user.
const char* bind(const Guest& guest, bool trace);

}  // namespace portc::illumos
