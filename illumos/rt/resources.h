// SPDX-License-Identifier: MIT
#pragma once

#include <sys/resource.h>
#include <sys/time.h>

namespace portc::illumos {

// illumos counts the resident set in pages, Linux in kilobytes; all else is alike.
void resources_to_guest(rusage& used);

// In ticks of 1/100 s, which is what clock_t is to both.
inline long ticks(const timeval& time) { return time.tv_sec * 100 + time.tv_usec / 10000; }

// The status of a child, with illumos's signal numbers.
int status_to_guest(int host);

}  // namespace portc::illumos
