// SPDX-License-Identifier: MIT
#pragma once

namespace portc::illumos {

// 0, or -1 with the guest's errno set: flags that are not known are EOPNOTSUPP.
int message_flags_to_host(int guest, int& host);

// The numbers of options, which are those of control data too. -1 if Linux has no such thing.
int option_level_to_host(int guest);
int option_level_to_guest(int host);
int option_to_host(int host_level, int guest);
int option_to_guest(int host_level, int host);

}  // namespace portc::illumos
