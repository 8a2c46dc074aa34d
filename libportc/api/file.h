// SPDX-License-Identifier: MIT
//
// The translation of PORT_SOURCE_FILE's arguments.
#pragma once

#include "libportc/base/result.h"
#include "libportc/core/port.h"

namespace portc {

// port_associate of the file_obj_t at that address.
// Errors, in this order: EINVAL (bits that cannot be asked for), EFAULT (the object, its path),
// ENAMETOOLONG, then those of file_associate.
Result<void> associate_file_object(Port& port, uintptr_t address, int events, void* user);

}  // namespace portc
