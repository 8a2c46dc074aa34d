// SPDX-License-Identifier: MIT
#pragma once

namespace portc::illumos {

// The requests of ioctl() about network interfaces. False if this is none of them.
bool interface_ioctl(int fd, unsigned request, void* argument, int& result);

}  // namespace portc::illumos
