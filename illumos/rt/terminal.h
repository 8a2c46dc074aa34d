// SPDX-License-Identifier: MIT
#pragma once

namespace portc::illumos {

// The requests of ioctl() that concern terminals and whose argument differs from Linux's. False
// if this is none of them.
bool terminal_ioctl(int fd, unsigned request, void* argument, int& result);

}  // namespace portc::illumos
