// SPDX-License-Identifier: MIT
//
// A FILE is opaque to 64-bit guests, so a stream of Linux's does for it; but the standard streams
// are objects that guests take the address of.
// Source: illumos <stdio.h>, <iso/stdio_iso.h>: 128 bytes each, 20 of them.
#pragma once

#include <cstdio>

namespace portc::illumos {

constexpr unsigned kStreamSize = 128;
constexpr unsigned kStreamCount = 20;

// Linux's stream for one of the guest's; a null pointer stays one.
FILE* host_stream(FILE* guest);

}  // namespace portc::illumos
