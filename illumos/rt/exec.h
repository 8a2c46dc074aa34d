// SPDX-License-Identifier: MIT
#pragma once

namespace portc::illumos {

// execve, for illumos's programs too. Returns only on failure: -1 with the guest's errno.
int execute(const char* path, char* const* arguments, char* const* environment);

// The same, looking for a name without a slash in `search` (PATH's value); a file that is no
// program is the shell's.
int execute_found(const char* name, const char* search, char* const* arguments,
                  char* const* environment);

}  // namespace portc::illumos
