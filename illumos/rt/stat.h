// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include "illumos/abi/files.h"

namespace portc::illumos {

// All but the file system's name.
abi::Stat stat_to_guest(const struct stat& host);

}  // namespace portc::illumos
