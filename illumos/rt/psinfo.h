// SPDX-License-Identifier: MIT
#pragma once

namespace portc::illumos {

// A descriptor of what /proc/PID/psinfo holds, if that is the path; -1 with ENOENT otherwise.
int open_psinfo(const char* path);

}  // namespace portc::illumos
