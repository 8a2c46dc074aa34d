// SPDX-License-Identifier: MIT
//
// The exits that run no exit handlers. (exit and a return from main reach the runtime's
// destructor; fork is seen by a fork handler; exec needs nothing.)
#include <cstdlib>

#include "interpose/next.h"
#include "libportc/api/hooks.h"

extern "C" {

PORTC_EXPORT void _exit(int status) {
  if (portc::have_ports()) portc_private_exiting();
  PORTC_NEXT(_exit)(status);
  __builtin_unreachable();
}

PORTC_EXPORT void _Exit(int status) noexcept {
  if (portc::have_ports()) portc_private_exiting();
  PORTC_NEXT(_Exit)(status);
  __builtin_unreachable();
}

PORTC_EXPORT void quick_exit(int status) noexcept {
  if (portc::have_ports()) portc_private_exiting();
  PORTC_NEXT(quick_exit)(status);
  __builtin_unreachable();
}

}  // extern "C"
