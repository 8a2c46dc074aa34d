// SPDX-License-Identifier: MIT
//
// Every timer of this process, and the ids by which the program knows them. The table is a
// sparse mapping made with the first timer. It is type-stable: an entry that was freed stays
// readable, and says so, because its id differs.
#pragma once

#include <atomic>
#include <cstdint>

#include "libportc/source/timer_clock.h"

namespace portc {

// tag 16 bits | generation 28 | index 20. As a timer_t it is none of libc's, which are small
// numbers or have the top bit set. 0 is no timer.
using TimerId = uint64_t;

constexpr int kTimerTagShift = 48;
constexpr uint64_t kTimerTag = 0x5054;

inline bool timer_id_is_ours(uint64_t id) { return id >> kTimerTagShift == kTimerTag; }

constexpr uint32_t kMaxTimers = 1u << 18;  // per process, portc(7) timer-limits

// A timer. Bound to its port until the process gives the port up; then it is detached: it keeps
// its time, and tells nobody. `id` changes only under the same lock as the rest.
struct Timer {
  std::atomic<TimerId> id;     // 0: unused
  std::atomic<uint32_t> port;  // pool number; 0: detached
  std::atomic<uint32_t> next_free;

  // Guarded by the port's lock; of a detached timer, by the lock of timer.cc.
  uint32_t home;         // serial of its PortTimers: a port's entry in the pool is used again
  uint32_t slot;         // of the port
  int64_t expiry;        // next one, ns of `reads`
  int64_t interval;      // ns; 0: once
  uint32_t place;        // in the base's heap
  uint32_t expirations;  // that the program has not seen; saturates
  int32_t clock;         // as it was made, resolved
  int32_t reads;         // as it was last armed: a TimerRoute
  TimerBase base;
  bool armed;           // it has an expiry to come; in the heap unless `queued`
  bool queued;          // its event is in the port's queue
  uint32_t generation;  // of its last id
};
static_assert(sizeof(Timer) == 64);

// An unused entry, for the caller alone until it is published; null if there are too many, or
// there is no memory. Takes no lock but, for the first one, the registry's.
Timer* timer_reserve();

// The id that it will have.
TimerId timer_future_id(Timer& timer);

// From here on timer_find() finds it.
void timer_publish(Timer& timer);

// Gives it back. The id, if it was published, is no timer's any more.
void timer_unreserve(Timer& timer);

// Null if there never was such a timer. Whether it still is, its `id` says.
Timer* timer_find(TimerId id);

// In a fork child: there are none.
void timer_table_forked();

}  // namespace portc
