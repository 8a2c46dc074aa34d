// SPDX-License-Identifier: MIT
//
// PORTC_TRACE=calls: a line on standard error for each call of a guest, in the manner of
// truss(1): "read(3, 0xc000123000, 512) = 0", "open("/x", 0x0) = -1 (errno 2)".
//
// A signature has a letter for each argument and, before '=', one for the result:
//   d int   l long   u unsigned   x flags, in hexadecimal   p pointer   s string   v nothing
//   ! as the result: does not return, or returns twice; the line is printed at the call
// for instance "d=sx." for open; '.' stands for further arguments that are not printed.
#pragma once

#include "illumos/link/symbols.h"

// Where a traced import leads, with its Symbol in %r11. Not a C function.
extern "C" void portc_illumos_trace_call();
