// SPDX-License-Identifier: MIT
//
// Retrieving events: what port_get and port_getn do, without their ABI.
#pragma once

#include <cstddef>
#include <cstdint>

#include "libportc/base/deadline.h"
#include "libportc/core/port.h"
#include "libportc/core/source.h"

namespace portc {

struct Event {
  int32_t events;
  Source source;
  uint64_t object;
  uint64_t user;
};

// The program's array, in the ABI of the door it came by.
struct EventBuffer {
  void* list;
  size_t element_size;
  void (*store)(void* element, const Event& event);
};

struct GetRequest {
  int port_fd;    // the number the caller used: closing it ends the call
  uint32_t max;   // elements of `out`, > 0
  uint32_t want;  // 0 < want <= max
  EventBuffer out;
  // The timeout is looked at only if the queue does not satisfy the call, as on illumos.
  Result<Deadline> (*deadline)(const void* timeout);
  const void* timeout;
};

// `count` events were stored in out[0, count). With error ETIME there may be some; with any
// other error there are none, `out` is untouched and nothing was consumed.
struct GetOutcome {
  uint32_t count;
  int error;
};

// Takes up to `max` events, oldest first, once `want` are queued; what is there when the deadline
// passes. A deadline of now() is no error. Skips events that belong to other processes.
// In alert mode: exactly the alert, at once.
// Locks: takes the port's; holds none while asleep. Not a cancellation point. Not AS-safe.
// Errors: EBADF, EFAULT (out, timeout), EINVAL (timeout), ETIME, EINTR, EBADFD; EMFILE, ENFILE,
// ENOMEM if there is no descriptor to sleep on.
// Source: port_get(3C); illumos uts/common/fs/portfs/port.c, port_getn().
GetOutcome queue_get(Port& port, const GetRequest& request);

// Events in the queue, whoever may retrieve them. Errors: EBADF, EBADFD.
Result<uint32_t> queue_count(Port& port);

}  // namespace portc
