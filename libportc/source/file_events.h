// SPDX-License-Identifier: MIT
//
// From inotify's records to events.
#pragma once

#include "libportc/source/file_tables.h"

namespace portc::files {

// Reads everything that inotify has, for all ports: queues the events of this port, whose lock
// is held, after those in its inbox, and leaves the others' in theirs. file_lock is held.
void collect_records(Port& port);

}  // namespace portc::files
