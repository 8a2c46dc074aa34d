// SPDX-License-Identifier: MIT
//
// What the process is running: known from the start on, and never changed.
#pragma once

#include "illumos/link/guest.h"
#include "illumos/loader/handover.h"

namespace portc::illumos {

const Handover& handover();
const Guest& guest();

// The program's absolute path.
const char* program_path();

// Is PORTC_TRACE=calls set?
bool tracing();

}  // namespace portc::illumos
