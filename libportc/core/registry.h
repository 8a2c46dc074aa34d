// SPDX-License-Identifier: MIT
//
// Which descriptor number of this process is what: a port, a descriptor associated with one, or
// one of the runtime's own. The table is a sparse mapping made with the first port; a program
// without ports has none, and the wrappers see a null pointer.
#pragma once

#include <atomic>
#include <cstdint>

#include "libportc/base/export.h"
#include "libportc/core/port.h"

namespace portc {

constexpr int kMaxDescriptors = 1 << 20;  // portc(7) fd-numbers

struct DescriptorRecord {
  std::atomic<Port*> port;           // this number is a port
  std::atomic<uint32_t> associated;  // 0; pool number of the one port it is associated with here;
                                     // kManyPorts; kHidden; or kClosing
  std::atomic<uint32_t> slot;        // with one port: where its association was last seen
};
constexpr uint32_t kManyPorts = UINT32_MAX;
constexpr uint32_t kHidden = UINT32_MAX - 1;   // a descriptor of the runtime
constexpr uint32_t kClosing = UINT32_MAX - 2;  // was a port, and is about to be closed

// Read by the wrappers, in whichever object they are.
extern "C" PORTC_EXPORT std::atomic<DescriptorRecord*> portc_private_descriptors;

// The record of a number, or null if there is no table or no such number.
inline DescriptorRecord* descriptor_record(int fd) {
  DescriptorRecord* table = portc_private_descriptors.load(std::memory_order_acquire);
  if (table == nullptr || static_cast<unsigned>(fd) >= kMaxDescriptors) return nullptr;
  return &table[fd];
}

// The port that `fd` is, attaching to it if this process has not met it yet.
// Errors: EBADF (not open), EBADFD (not a port), ENOMEM, EMFILE.
Result<PortRef> port_acquire(int fd);

// The same without attaching: null if the number is not known to be a port.
PortRef port_known(int fd);

// --- with the registry's lock ---

extern LocalLock registry_lock;

// Makes the table and the pool. Errors: ENOMEM.
Result<void> registry_init();

// An unused Port; null when the pool is full. Others see it when it is filled in and has its first
// reference, which belongs to its numbers.
Port* registry_new_port();
bool registry_has_room();
void registry_add_number(Port& port, int fd);
// A port that has lost its numbers, and that the caller has a reference of, gets another one for
// the number that is about to be added.
void registry_hold(Port& port);
// The number is no longer the port. True if it was the last one: drop the reference.
bool registry_remove_number(Port& port, int fd);
void registry_hide(int fd);
void registry_unhide(int fd);
// The number is no port any more, though it is still open: it must not become one again.
void registry_mark_closing(int fd);
uint32_t registry_port_count();
// Entry 1..pool_high_water(). One with numbers stays what it is while the lock is held.
Port& pool_entry(uint32_t number);

// --- without ---

// Drops a reference; the last one unmaps the port and closes its hidden descriptors.
void port_release(Port& port);

// Every port this process has, in pool order, referenced while `visit` runs.
template <typename Visit>
void each_port(Visit visit);

PortRef port_by_pool_number(uint32_t number);
uint32_t pool_high_water();

// No higher number is a port, associated or hidden.
int registry_highest();

template <typename Visit>
void each_port(Visit visit) {
  const uint32_t count = pool_high_water();
  for (uint32_t number = 1; number <= count; ++number)
    if (PortRef port = port_by_pool_number(number)) visit(*port);
}

// Closes one of the runtime's own; nothing to do for -1. While they are spared, it stays: a child
// that shares its parent's table of descriptors would close the parent's.
void registry_close_hidden(int fd);
void registry_spare_hidden(bool spare);

// Is `fd` one of the runtime's own?
bool registry_is_hidden(int fd);

bool registry_is_closing(int fd);
// The number has been closed, or means something else now. Needs no lock.
void registry_closed(int fd);

// Remembers that this process associated `fd` with `port`, in that slot.
void registry_note_association(Port& port, int fd, uint32_t slot);

// Where this process's association of `fd` with `port` probably is; 0 if that is not known.
inline uint32_t registry_association_hint(const Port& port, int fd) {
  const DescriptorRecord* record = descriptor_record(fd);
  if (record == nullptr || record->associated.load(std::memory_order_relaxed) != port.pool_number)
    return 0;
  return record->slot.load(std::memory_order_relaxed);
}

// Before a fork, with the registry's lock: the child gets the memory of every port.
void registry_expose();

// In a fork child, with the registry's lock: references and sleepers of the parent's other
// threads are gone.
void registry_reset_child();

}  // namespace portc
