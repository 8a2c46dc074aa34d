// SPDX-License-Identifier: MIT
//
// What the process is running: known from the start on, and never changed.
#pragma once

#include "illumos/link/guest.h"
#include "illumos/loader/handover.h"

namespace portc::illumos {

const Handover& handover();
const Guest& guest();

// Is PORTC_TRACE=calls set?
bool tracing();

}  // namespace portc::illumos
