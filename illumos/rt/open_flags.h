// SPDX-License-Identifier: MIT
#pragma once

namespace portc::illumos {

// The flags of open, and of fcntl(F_SETFL). What illumos does not know either is left out.
int host_open_flags(int guest);

// The flags that fcntl(F_GETFL) reports.
int guest_open_flags(int host);

// pipe2's and dup3's flags; -1 when `guest` has others than those in `allowed` (Linux's numbers).
int host_descriptor_flags(int guest, int allowed);

}  // namespace portc::illumos
