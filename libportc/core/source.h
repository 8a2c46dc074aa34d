// SPDX-License-Identifier: MIT
//
// The contract of an event source. The table is filled in source/sources.cc; the core calls
// through it and knows no source by name.
//
// Every function is called with the port's lock held and may not block, allocate or call
// anything of the program's.
#pragma once

#include <cstdint>

#include "libportc/core/port.h"

namespace portc {

// The core's own numbers. A door translates them into its ABI's.
enum class Source : uint16_t { kNone = 0, kUser, kFd, kAlert, kTimer, kAio, kMq, kFile };
static_assert(static_cast<uint32_t>(Source::kFile) < kMaxSources);

struct SourceOps {
  // May this process retrieve the queued event in `slot` now? Brings its `events` up to date.
  bool (*deliverable)(Port& port, uint32_t slot);

  // The event in `slot` is in the caller's hands and out of the queue: commit by storing the
  // slot's next state. A process killed before that has not retrieved it, and nobody saw it.
  void (*retire)(Port& port, uint32_t slot);

  // Another process died inside the lock: repeat what the kernel may have been told to forget.
  // Called once per armed association of this source.
  void (*rearm)(Port& port, uint32_t slot);

  // The owner is another process, and dead: the association or event ends.
  void (*drop)(Port& port, uint32_t slot);

  // What a private source does besides (private.h); null for the others.
  const struct PrivateOps* own;
};

// Null for a number that is no source (corrupt memory).
const SourceOps* source_ops(uint16_t source);

// Drops everything that is this process's own: associations, their queued events, its alert.
void sources_leave(Port& port);

// This process is about to close `fd`: its associations with the port end.
void sources_closing(Port& port, int fd);

// After exec: drops own associations of descriptors that closed, and remembers the others.
void sources_reconcile(Port& port);

// What exec.h needs: marks what of this process's own ends with an execve, which is everything if
// that closes the port; true if there is anything. Takes the marks away. And ends what is marked,
// or everything, of a process whose execve has succeeded.
bool sources_mark_leaving(Port& port, bool port_too);
void sources_unmark(Port& port);
void sources_left(Port& port, OwnerToken owner, bool port_too);

// This process keeps nothing of its own for the port any more. The segment is not touched, and
// the lock need not be held.
void sources_forget(Port& port);

// In a fork child: what the parent has of its own is not ours.
void sources_forked();

// Makes room at `fd`, which is one of the runtime's own. True if it was a source's and has moved.
bool sources_vacate(int fd);

// What processes left behind that were killed: their queued events, or everything of theirs.
// Processes that exit, or close the port, clean up themselves.
void sources_sweep_queue(Port& port);
void sources_sweep(Port& port);

// A slot for a new event or association; 0 if none is left, dead processes' slots included.
uint32_t sources_allocate(Port& port);

// Moves what has fired from the kernel into the queue: all of it, or at least `most` events.
// Errors: EBADF (the port's descriptor was closed behind our back).
Result<void> sources_collect(Port& port, uint32_t most = UINT32_MAX, bool before_sleep = false);

// The queue does not satisfy the caller, who will go away or sleep on an edge of the epoll set:
// from now on whatever fires makes one. May queue events. Errors: EBADF.
Result<void> sources_before_sleep(Port& port);

// This process has become a user of a port that others have used before it.
void sources_joined(Port& port);

// port.solo has ended, or somebody polls: others look at the epoll set, and see what is ready.
void sources_not_solo(Port& port);

// Makes sure that the queue is complete, for those who only count. Errors: EBADF.
Result<void> sources_complete(Port& port);

}  // namespace portc
