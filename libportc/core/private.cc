// SPDX-License-Identifier: MIT
#include "libportc/core/private.h"

#include "libportc/base/sys.h"
#include "libportc/core/hidden.h"
#include "libportc/core/registry.h"

namespace portc {

constinit std::atomic<bool> inbox_any{false};
constinit std::atomic<uint32_t> private_in_hand{0};

namespace {

// Key of an item: tag and source in the top byte (bit 63 set, so no slot's), then the owner.
constexpr uint64_t kPrivateTag = 0xE0;
constexpr int kTagShift = 56;
constexpr uint64_t kOwnerMask = (uint64_t{1} << kTagShift) - 1;

uint64_t key_of(Source source) {
  const uint64_t tag = kPrivateTag | static_cast<uint64_t>(source);
  return tag << kTagShift | (owner_self() & kOwnerMask);
}

bool queued(const Slot& slot) {
  return slot.state == static_cast<uint32_t>(SlotState::kFired) ||
         slot.state == static_cast<uint32_t>(SlotState::kQueued);
}

void free_slot(Port& port, uint32_t number) {
  if (queued(port.segment.slot(number))) port.segment.unlink(number);
  port.segment.release(number);
}

bool is_private(uint16_t source) {
  const SourceOps* ops = source_ops(source);
  return ops != nullptr && ops->own != nullptr;
}

}  // namespace

uint32_t private_allocate(Port& port, Source source, uint64_t object, uint64_t user) {
  const uint32_t number = sources_allocate(port);
  if (number == 0) return 0;
  Slot& slot = port.segment.slot(number);
  slot.source = static_cast<uint16_t>(source);
  slot.flags = kSlotPrivate;
  slot.events = 0;
  slot.object = object;
  slot.user = user;
  slot.owner = owner_self();
  slot.state.release(static_cast<uint32_t>(SlotState::kArmed));
  ++port.private_slots;
  return number;
}

void private_free(Port& port, uint32_t number) {
  free_slot(port, number);
  --port.private_slots;
}

void private_free_all(Port& port, Source source) {
  port.segment.each_used([&port, source](const Slot&, uint32_t number) {
    if (private_is_own(port, number, source)) private_free(port, number);
  });
}

void private_fire(Port& port, uint32_t number, int32_t events) {
  port.segment.slot(number).events = events;
  port_enqueue(port, number, SlotState::kFired);
}

bool private_deliverable(Port& port, uint32_t number) {
  const OwnerToken owner = port.segment.slot(number).owner;
  if (owner == owner_self()) return true;
  if (owner_is_dead(owner)) free_slot(port, number);
  return false;
}

// The event is out of the queue already.
void private_retire_once(Port& port, uint32_t number) {
  port.segment.release(number);
  --port.private_slots;
}

// Nothing of theirs is in the kernel under one-shot.
void private_rearm(Port&, uint32_t) {}

void private_drop(Port& port, uint32_t number) { free_slot(port, number); }

bool private_is_own(Port& port, uint32_t number, Source source) {
  if (number - 1 >= port.segment.slot_count()) return false;
  const Slot& slot = port.segment.slot(number);
  return slot.source == static_cast<uint16_t>(source) && slot.owner == owner_self() &&
         slot.state != static_cast<uint32_t>(SlotState::kFree);
}

void private_reconcile(Port& port) {
  port.segment.each_used([&port, self = owner_self()](const Slot& slot, uint32_t number) {
    if (slot.owner == self && is_private(slot.source)) free_slot(port, number);
  });
}

Result<int> private_hide(int fd) {
  LocalLockGuard guard(registry_lock);
  HiddenRange range;
  return range.adopt(fd, true);
}

void private_close(int fd) { registry_close_hidden(fd); }

Result<void> private_join(Port& port, int fd, Source source) {
  const int set = port.fd.load(std::memory_order_relaxed);
  const int r = sys::epoll_ctl(set, EPOLL_CTL_ADD, fd, EPOLLIN, key_of(source));
  if (r == 0 || r == -EEXIST) return {};
  return Errno{r == -ENOSPC ? EAGAIN : -r};
}

void private_part(Port& port, int fd) {
  (void)sys::epoll_ctl(port.fd.load(std::memory_order_relaxed), EPOLL_CTL_DEL, fd, 0, 0);
}

Result<int> private_move(int fd) {
  const long copy = sys::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return Errno{EMFILE};
  return private_hide(static_cast<int>(copy));
}

uint32_t private_source_of(uint64_t key) {
  const uint64_t source = (key >> kTagShift) - kPrivateTag;
  if (source >= kMaxSources || !is_private(static_cast<uint16_t>(source))) return 0;
  if (key != key_of(static_cast<Source>(source))) return 0;
  return 1u << source;
}

void inbox_put(Port& port, Parcel& parcel) {
  parcel.waiting.store(true, std::memory_order_relaxed);
  Parcel* head = port.inbox.load(std::memory_order_relaxed);
  do parcel.next = head;
  while (!port.inbox.compare_exchange_weak(head, &parcel, std::memory_order_release,
                                           std::memory_order_relaxed));
  inbox_any.store(true, std::memory_order_release);
}

void inbox_drain(Port& port) {
  if (port.inbox.load(std::memory_order_relaxed) == nullptr) return;
  Parcel* newest = port.inbox.exchange(nullptr, std::memory_order_acquire);
  Parcel* oldest = nullptr;
  while (newest != nullptr) {
    Parcel* next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  while (oldest != nullptr) {
    Parcel* next = oldest->next;
    if (oldest->slot != 0) private_fire(port, oldest->slot, oldest->events);
    oldest->waiting.store(false, std::memory_order_release);
    oldest = next;
  }
}

void inbox_deliver() {
  if (lock_is_held() || !inbox_any.exchange(false, std::memory_order_acquire)) return;
  each_port([](Port& port) {
    if (port.inbox.load(std::memory_order_relaxed) != nullptr) PortGuard guard(port);
  });
}

}  // namespace portc
