// SPDX-License-Identifier: MIT
//
// Descriptors: PORT_SOURCE_FD. An association is a slot of the segment and an item of the port's
// epoll set, one-shot, whose key names the slot and its generation.
//
// An association belongs to (descriptor number, open file), as an epoll item does, and is found
// from any process that holds the same file under the same number: EPOLL_CTL_MOD says whether
// that is so. Its owner is the process that made it first.
//
// Event bits are poll(2)'s, which are epoll's.
//
// Source: port_associate(3C), port_dissociate(3C); illumos uts/common/fs/portfs/port_fd.c.
#pragma once

#include <cstdint>

#include "libportc/core/port.h"
#include "libportc/core/source.h"

namespace portc {

extern const SourceOps kFdOps;

// Waits once for `events` (or error, or hang-up) on `fd`. On an associated descriptor it replaces
// events and user, drops a queued event, and looks at the descriptor anew.
// Errors, in this order: EBADFD (fd not open), EAGAIN (no free slot), ENOMEM, EAGAIN (the user's
// epoll watches are used up), EINVAL, ELOOP (ports nested in a circle or too deeply).
Result<void> fd_associate(Port& port, int fd, uint32_t events, uint64_t user);

// Ends an association of this process.
// Errors, in this order: EBADFD (fd not open), ENOENT (not associated, or its event has been
// retrieved), EACCES (another process's).
Result<void> fd_dissociate(Port& port, int fd);

// This process is about to close `fd`: its associations with `port` end. The lock is held.
void fd_closing(Port& port, int fd);

// The owner of this association is dead: it ends. The lock is held.
void fd_drop(Port& port, uint32_t number);

// The kernel reports the item with that key. True if that made a difference: an event is queued,
// or the item disabled. The lock is held.
bool fd_reported(Port& port, uint32_t number, uint32_t generation, uint32_t events,
                 bool before_sleep);

// Asks the kernel about what was associated again without asking. True if something had to be made
// anew, and may be ready. The lock is held.
bool fd_verify(Port& port);

// The same once it is time for it; a sleeper wakes for that (port.verify_at). The port has been
// found empty, and the lock is held.
bool fd_verify_due(Port& port);

// Others look at the epoll set: no descriptor may look ready that is not armed. fd_joined() sees
// to those of the other processes, fd_not_solo() to this one's. The lock is held.
void fd_joined(Port& port);
void fd_not_solo(Port& port);

// Frees what this process keeps. Needs no lock; the segment may be gone.
void fd_forget(Port& port);

// This process gives up the port. The lock is held.
void fd_leave(Port& port);

// Before an execve that may succeed: would it close the descriptor of this process's association?
// The item, which may outlive the port here, reports once at most. The lock is held.
bool fd_closes_on_exec(const Slot& slot);
void fd_leaving(Port& port, uint32_t number);

// After exec. The lock is held.
void fd_reconcile(Port& port);

}  // namespace portc
