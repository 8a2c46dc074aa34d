// SPDX-License-Identifier: MIT
//
// What one process holds of a port: the mapped segment, the hidden descriptors, and the threads
// asleep on it. Process-private; there is one Port for all descriptor numbers of the same port.
//
//   the port's descriptor   an epoll set: associated descriptors are its items, so that the
//                           kernel's poll of a port sees them
//   memory                  the segment (layout.h)
//   doorbell                eventfd inside the epoll set: readable while events are queued, kept
//                           so only for ports that somebody polls (kFlagExact)
//   wake                    eventfd written to wake sleepers of other processes; never read, so
//                           that a write is an edge for every process
//   wait                    this process's own epoll set {port, wake}, edge-triggered: made when
//                           a thread first sleeps
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>

#include "libportc/base/kill_point.h"
#include "libportc/base/leaf_lock.h"
#include "libportc/base/local_lock.h"
#include "libportc/core/segment.h"

namespace portc {

// A thread asleep in port_get. Lives on its stack; guarded by the port's lock.
struct Waiter {
  Waiter* next;
  Waiter* previous;
  uint32_t want;                // events it needs
  uint32_t alert_seen;          // header.alert_count when it last looked
  uint64_t seq_seen;            // header.seq when it last looked
  int port_fd;                  // the number it came by
  pthread_t thread;             // whose stack this is on
  bool kicked;                  // that number was closed
  bool woken;                   // somebody has set `word`, or rung for the leader; it is on its way
  std::atomic<uint32_t> word;   // futex of a follower: 0 asleep, 1 woken
  std::atomic<bool> cancelled;  // somebody has called pthread_cancel for the thread
};

struct Parcel;  // private.h

// How descriptors are armed again in ports that one process uses (source/fd_item.h). Forced for
// tests: PORTC_REARM, portc(7).
enum class Rearm : uint8_t { kAuto, kLevel, kOneShot };

constexpr uint32_t kMaxSources = 8;

struct Port {
  Segment segment;
  std::atomic<uint32_t> references;  // 0: unused entry of the pool
  std::atomic<int> fd;               // one of its numbers, -1 if it has none left

  uint32_t pool_number;  // >= 1, never changes

  // Others may have the memory, and may write over its lock. Then this process's own threads are
  // kept apart by a lock of its own, too. Becomes true once; the port's lock is held, or others
  // get the memory by a fork.
  std::atomic<bool> guarded;
  LeafLock own_lock;

  std::atomic<Parcel*> inbox;  // private events that wait for the lock, newest first

  // Guarded by the registry's lock.
  uint32_t numbers;  // descriptor numbers that are this port
  Port* next_free;
  int memory_fd;
  int doorbell_fd;
  int wake_fd;

  // Guarded by the port's lock.
  int wait_fd;        // -1 until needed, and while there is none to be had
  bool wait_partial;  // the kernel will not have all of {port, wake} in it, or there is none
  uint32_t epoch_seen;
  // Written with the lock, and read without it by who only gives up.
  std::atomic<bool> announced;  // this process uses the port, and kFlagShared is right about it
  std::atomic<bool> inherited;  // through exec: what belongs to descriptors that closed must go
  bool settled;                 // announced, and it waits for nobody's execve (core/exec.h)
  int leaver_fd;                // what this process has locked before an execve, or -1
  bool rang;                    // events were queued in this critical section
  bool probed;                  // items were asked about that may now be ready, and are nobody's
  bool partial;                 // the last collect left something in the kernel
  uint32_t collects;            // that asked the kernel, so far
  std::atomic<bool> solo;       // nobody else uses the port, and nobody has polled it
  Rearm rearm;                  // never changes
  uint32_t level_items;         // own items that stay enabled when they report (source/fd_item.h)
  int64_t verify_at;            // monotonic: when to ask about what was armed unasked; 0: never
  uint32_t private_slots;  // this process's slots of private sources
  void* own[kMaxSources];  // what each source keeps here; it makes and frees it
  Waiter* waiters;         // newest first
  Waiter* leader;          // the one that sleeps in the kernel on `wait`; the others wait for it
};

// A reference: the port stays mapped while one exists.
class PortRef {
 public:
  PortRef() = default;
  explicit PortRef(Port* port) : port_(port) {}
  PortRef(PortRef&& other) : port_(other.port_) { other.port_ = nullptr; }
  PortRef& operator=(PortRef&& other) {
    Port* taken = other.port_;
    other.port_ = nullptr;
    reset();
    port_ = taken;
    return *this;
  }
  ~PortRef() { reset(); }

  explicit operator bool() const { return port_ != nullptr; }
  Port& operator*() const { return *port_; }
  Port* operator->() const { return port_; }
  Port* get() const { return port_; }

 private:
  void reset();
  Port* port_ = nullptr;
};

// --- the port's lock (lock.cc) ---

// Has this process anything in the port that it could give up? A fork child has nothing in it until
// it uses it, and finds that out without the lock.
inline bool port_is_used(const Port& port) {
  return port.announced.load(std::memory_order_relaxed) ||
         port.inherited.load(std::memory_order_relaxed);
}

// What a process enters for. One that has only inherited the port gives it up without becoming a
// user of it: whoever forks goes on as if it were alone. One that exits does not wait for ever:
// what it owned is then removed when others find that it has ended (portc(7) killed-owner).
enum class Purpose { kUse, kGiveUp, kExit };

// Takes the port's lock and brings everything up to date: repairs after a dead holder, empties
// the signal box. With the others than kUse, only in a process that uses the port
// (port.announced). Errors: EBADF (kUse: closed meanwhile), EBADFD (the memory is damaged), EBUSY
// (kExit: another holder keeps the lock); the lock is then not held.
Result<void> port_lock(Port& port, Purpose purpose = Purpose::kUse);

// Leaves; then wakes whoever the section has made work for.
void port_unlock(Port& port);

// The same for a sleeper, which has the lock afterwards even if the memory is damaged.
Result<void> port_lock_again(Port& port);

// Leaves it without waking anybody, as one must when the memory is damaged.
void port_leave(Port& port);

class PortGuard {
 public:
  explicit PortGuard(Port& port, Purpose purpose = Purpose::kUse)
      : port_(port), entered_(port_lock(port, purpose)) {}
  ~PortGuard() {
    if (entered_) port_unlock(port_);
  }
  PortGuard(const PortGuard&) = delete;
  PortGuard& operator=(const PortGuard&) = delete;

  explicit operator bool() const { return bool(entered_); }
  int error() const { return entered_.error(); }

  // Leaves early; the destructor then does nothing.
  void release() {
    port_unlock(port_);
    entered_ = Errno{EBADFD};
  }

 private:
  Port& port_;
  Result<void> entered_;
};

// Others have, or are about to get, the memory.
inline void port_expose(Port& port) {
  port.guarded.store(!planted("one-lock"), std::memory_order_relaxed);
}

// Adds an event to the queue; the lock is held. The one way into the queue.
inline void port_enqueue(Port& port, uint32_t slot, SlotState state) {
  port.segment.enqueue(slot, state);
  port.rang = true;
}

// Makes the doorbell readable, or not. Async-signal-safe.
void port_move_doorbell(Port& port, bool up);

// Makes the doorbell follow the queue from now on: somebody polls the port. The lock is held.
void port_set_exact(Port& port);

}  // namespace portc
