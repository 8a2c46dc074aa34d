// SPDX-License-Identifier: MIT
//
// What a port has of this process's timers: for each base in use a heap of the timers that wait,
// and one timerfd, an item of the port's epoll set. Thousands of timers cost one descriptor.
//
//  - The timerfd is set to the first of the heap, or earlier: a timer that is cancelled leaves
//    it alone, and it fires once for nothing. A port that is polled (kFlagExact) has it set
//    right at once, so that a poll does not see the port readable for nothing.
//  - A timer whose event is queued is not in the heap. Its further expirations are counted from
//    the clock when the event is retrieved; only then it waits again. So a periodic timer that
//    nobody looks at costs nothing.
//
// All is guarded by the port's lock.
#pragma once

#include <cstdint>

#include "libportc/core/port.h"
#include "libportc/core/source.h"
#include "libportc/source/timer_heap.h"
#include "libportc/source/timer_table.h"

namespace portc {

struct TimerQueue {
  TimerHeap<Timer> heap;
  int64_t set_for;  // what the timerfd is set to; kNotSet
  int fd;           // -1 until the base is used
};

struct PortTimers {
  uint32_t serial;    // Timer::home of its timers
  uint32_t count;     // of its timers
  uint32_t capacity;  // of each heap, and so of timers
  TimerQueue queues[kTimerBases];
};

// Null if the port has none.
PortTimers* port_timers(const Port& port);

// Makes them if there are none. Errors: ENOMEM.
Result<PortTimers*> port_timers_make(Port& port);

// Makes the base's timerfd and heap if there are none. Errors: EPERM (an alarm clock without
// CAP_WAKE_ALARM), EINVAL (a clock this kernel does not know), EAGAIN (no descriptor, no memory).
Result<void> port_timers_prepare(Port& port, PortTimers& timers, TimerBase base);

// Puts an armed timer, whose event is not queued, to work: queues the event if it has expired.
// Its base is prepared.
void port_timers_start(Port& port, PortTimers& timers, Timer& timer);

// Takes it out of the heap, if it is in it.
void port_timers_stop(PortTimers& timers, Timer& timer);

// The timerfd of a base from which a timer has been taken.
void port_timers_settle(Port& port, PortTimers& timers, TimerBase base);

// Has it expired, armed as it is, by now?
bool timer_is_due(const Timer& timer);

// Counts what has expired until `now` of the timer's clock, which is at least once.
void timer_advance(Timer& timer, int64_t now);

// Queues the events of all timers that have expired, oldest first.
void port_timers_collect(Port& port);

// Unmaps and closes; touches no timer. With the registry's lock, or in a fork child.
void port_timers_discard(Port& port);

// SourceOps, PrivateOps.
bool port_timers_deliverable(Port& port, uint32_t slot);
void port_timers_retire(Port& port, uint32_t slot);
bool port_timers_vacate(int fd);

}  // namespace portc
