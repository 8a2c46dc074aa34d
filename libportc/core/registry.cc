// SPDX-License-Identifier: MIT
#include "libportc/core/registry.h"

#include <sys/mman.h>

#include "libportc/base/kill_point.h"
#include "libportc/base/sys.h"
#include "libportc/core/attach.h"
#include "libportc/core/process.h"
#include "libportc/core/source.h"

namespace portc {

constinit std::atomic<DescriptorRecord*> portc_private_descriptors{nullptr};

constinit LocalLock registry_lock;

namespace {

constexpr uint32_t kPoolSize = 1u << 16;

// The pool is type-stable: a Port is never unmapped, so that a reader that lost the race with a
// close can still look at its reference count.
constinit std::atomic<Port*> pool{nullptr};
constinit std::atomic<uint32_t> pool_used{0};
constinit Port* pool_free = nullptr;
constinit uint32_t port_count = 0;
constinit std::atomic<int> highest{-1};
constinit bool hidden_spared = false;
constinit std::atomic<uint32_t> closings{0};  // numbers that are kClosing

void* map_sparse(size_t size) {
  const long r = sys::raw(SYS_mmap, 0, static_cast<long>(size), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return r < 0 ? nullptr : reinterpret_cast<void*>(r);
}

bool try_reference(Port& port) {
  uint32_t count = port.references.load(std::memory_order_relaxed);
  while (count != 0)
    if (port.references.compare_exchange_weak(count, count + 1, std::memory_order_acquire))
      return true;
  return false;
}

// With the registry's lock.
void destroy(Port& port) {
  sources_forget(port);
  registry_close_hidden(port.leaver_fd);
  registry_close_hidden(port.wait_fd);
  registry_close_hidden(port.wake_fd);
  registry_close_hidden(port.doorbell_fd);
  registry_close_hidden(port.memory_fd);
  port.segment.unmap();
  port.next_free = pool_free;
  pool_free = &port;
  --port_count;
}

void note_number(int fd) {
  int seen = highest.load(std::memory_order_relaxed);
  while (fd > seen && !highest.compare_exchange_weak(seen, fd, std::memory_order_relaxed)) {
  }
}

int another_number(const Port& port) {
  for (int fd = 0; fd <= registry_highest(); ++fd)
    if (descriptor_record(fd)->port.load(std::memory_order_relaxed) == &port) return fd;
  return -1;
}

}  // namespace

Result<void> registry_init() {
  if (portc_private_descriptors.load(std::memory_order_relaxed) != nullptr) return {};
  process_init();
  if (pool.load(std::memory_order_relaxed) == nullptr)
    pool.store(static_cast<Port*>(map_sparse(kPoolSize * sizeof(Port))), std::memory_order_release);
  if (pool.load(std::memory_order_relaxed) == nullptr) return Errno{ENOMEM};
  void* table = map_sparse(kMaxDescriptors * sizeof(DescriptorRecord));
  if (table == nullptr) return Errno{ENOMEM};
  portc_private_descriptors.store(static_cast<DescriptorRecord*>(table), std::memory_order_release);
  return {};
}

PortRef port_known(int fd) {
  DescriptorRecord* record = descriptor_record(fd);
  if (record == nullptr) return PortRef();
  for (;;) {
    Port* port = record->port.load(std::memory_order_acquire);
    if (port == nullptr) return PortRef();
    if (!try_reference(*port)) continue;  // being closed: the record is about to say so
    PortRef ref(port);
    if (PORTC_LIKELY(record->port.load(std::memory_order_acquire) == port)) return ref;
  }
}

Result<PortRef> port_acquire(int fd) {
  process_check();
  PortRef ref = port_known(fd);
  if (PORTC_LIKELY(bool(ref))) return ref;
  return port_attach(fd);
}

void PortRef::reset() {
  if (port_ != nullptr) port_release(*port_);
  port_ = nullptr;
}

void port_release(Port& port) {
  if (port.references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  LocalLockGuard guard(registry_lock);
  destroy(port);
}

Port* registry_new_port() {
  Port* port = pool_free;
  if (port != nullptr) {
    pool_free = port->next_free;
  } else {
    const uint32_t used = pool_used.load(std::memory_order_relaxed);
    if (used == kPoolSize) return nullptr;
    port = pool.load(std::memory_order_relaxed) + used;
    port->pool_number = used + 1;
    pool_used.store(used + 1, std::memory_order_release);
  }
  port->segment = Segment();
  port->fd.store(-1, std::memory_order_relaxed);
  port->numbers = 0;
  port->next_free = nullptr;
  port->memory_fd = port->doorbell_fd = port->wake_fd = port->wait_fd = -1;
  port->wait_partial = false;
  port->epoch_seen = 0;
  port->announced = port->settled = false;
  port->leaver_fd = -1;
  port->inherited = false;
  port->guarded.store(false, std::memory_order_relaxed);
  port->own_lock.reset_child();
  port->rang = false;
  port->probed = false;
  port->partial = false;
  port->collects = 0;
  port->solo.store(false, std::memory_order_relaxed);
  port->rearm = Rearm::kAuto;
  port->level_items = 0;
  port->verify_at = 0;
  port->waiters = port->leader = nullptr;
  port->inbox.store(nullptr, std::memory_order_relaxed);
  port->private_slots = 0;
  for (void*& own : port->own) own = nullptr;
  ++port_count;
  return port;
}

bool registry_has_room() {
  return pool_free != nullptr || pool_used.load(std::memory_order_relaxed) < kPoolSize;
}

void registry_add_number(Port& port, int fd) {
  DescriptorRecord* record = descriptor_record(fd);
  Port* before = record->port.load(std::memory_order_relaxed);
  if (before == &port) return;
  // A port that was closed where we could not see it.
  if (before != nullptr && registry_remove_number(*before, fd) &&
      before->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
    destroy(*before);
  note_number(fd);
  registry_closed(fd);
  if (port.numbers++ == 0) port.fd.store(fd, std::memory_order_relaxed);
  record->port.store(&port, std::memory_order_release);
}

void registry_hold(Port& port) { port.references.fetch_add(1, std::memory_order_relaxed); }

bool registry_remove_number(Port& port, int fd) {
  descriptor_record(fd)->port.store(nullptr, std::memory_order_release);
  --port.numbers;
  const bool last = port.numbers == 0;
  if (port.fd.load(std::memory_order_relaxed) == fd)
    port.fd.store(last ? -1 : another_number(port), std::memory_order_relaxed);
  return last;
}

void registry_hide(int fd) {
  note_number(fd);
  if (DescriptorRecord* record = descriptor_record(fd)) record->associated.store(kHidden);
}

void registry_unhide(int fd) {
  if (DescriptorRecord* record = descriptor_record(fd)) record->associated.store(0);
}

void registry_close_hidden(int fd) {
  if (fd < 0 || hidden_spared) return;
  registry_unhide(fd);
  (void)sys::close(fd);
}

void registry_spare_hidden(bool spare) { hidden_spared = spare; }

void registry_mark_closing(int fd) {
  uint32_t none = 0;
  if (planted("no-closing-mark")) return;
  if (descriptor_record(fd)->associated.compare_exchange_strong(none, kClosing)) ++closings;
}

bool registry_is_closing(int fd) {
  const DescriptorRecord* record = descriptor_record(fd);
  return record != nullptr && record->associated.load() == kClosing;
}

void registry_closed(int fd) {
  DescriptorRecord* record = descriptor_record(fd);
  uint32_t closing = kClosing;
  if (record != nullptr && record->associated.load(std::memory_order_relaxed) == kClosing &&
      record->associated.compare_exchange_strong(closing, 0))
    --closings;
}

uint32_t registry_port_count() { return port_count; }

Port& pool_entry(uint32_t number) { return pool.load(std::memory_order_relaxed)[number - 1]; }

PortRef port_by_pool_number(uint32_t number) {
  if (number - 1 >= pool_used.load(std::memory_order_acquire)) return PortRef();
  Port& port = pool_entry(number);
  return try_reference(port) ? PortRef(&port) : PortRef();
}

uint32_t pool_high_water() { return pool_used.load(std::memory_order_acquire); }

int registry_highest() { return highest.load(std::memory_order_relaxed); }

bool registry_is_hidden(int fd) {
  const DescriptorRecord* record = descriptor_record(fd);
  return record != nullptr && record->associated.load(std::memory_order_relaxed) == kHidden;
}

void registry_note_association(Port& port, int fd, uint32_t slot) {
  DescriptorRecord* record = descriptor_record(fd);
  if (record == nullptr) return;
  const uint32_t number = port.pool_number;
  uint32_t seen = record->associated.load(std::memory_order_relaxed);
  if (seen == kHidden) return;
  if (seen == kClosing) {
    registry_closed(fd);
    seen = 0;
  }
  record->slot.store(slot, std::memory_order_relaxed);
  note_number(fd);
  while (seen != number && seen != kManyPorts &&
         !record->associated.compare_exchange_weak(seen, seen == 0 ? number : kManyPorts,
                                                   std::memory_order_relaxed)) {
  }
}

void registry_expose() {
  const uint32_t count = pool_high_water();
  for (uint32_t number = 1; number <= count; ++number) port_expose(pool_entry(number));
}

void registry_reset_child() {
  // What another thread was about to close is open here, and stays.
  for (int fd = 0; closings.load(std::memory_order_relaxed) != 0 && fd <= registry_highest(); ++fd)
    registry_closed(fd);
  const uint32_t count = pool_high_water();
  for (uint32_t number = 1; number <= count; ++number) {
    Port& port = pool_entry(number);
    if (port.references.load(std::memory_order_relaxed) == 0) continue;
    port.waiters = port.leader = nullptr;
    port.own_lock.reset_child();
    port_expose(port);
    port.announced = port.settled = false;
    port.inherited = false;  // from its parent's last image, whose heir is the parent
    port.solo.store(false, std::memory_order_relaxed);
    port.rang = false;
    sources_forget(port);
    registry_close_hidden(port.wait_fd);
    registry_close_hidden(port.leaver_fd);
    port.wait_fd = port.leaver_fd = -1;
    port.references.store(port.numbers != 0 ? 1 : 0, std::memory_order_relaxed);
    if (port.numbers == 0) destroy(port);  // another thread was about to
  }
}

}  // namespace portc
