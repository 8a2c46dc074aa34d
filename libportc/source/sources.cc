// SPDX-License-Identifier: MIT
//
// The table of sources, and what goes through all of them.
#include "libportc/base/sys.h"
#include "libportc/core/attach.h"
#include "libportc/core/source.h"
#include "libportc/source/alert.h"
#include "libportc/source/fd.h"
#include "libportc/source/user.h"

namespace portc {
namespace {

constexpr int kBatch = 64;

constexpr uint32_t kGenerationShift = 32;

void fire(Port& port, const struct epoll_event& ready) {
  const uint64_t key = ready.data.u64;
  if ((key & kForeignKey) != 0) return;
  const uint32_t number = static_cast<uint32_t>(key);
  Segment& segment = port.segment;
  if (number - 1 >= segment.slot_count()) return;
  Slot& slot = segment.slot(number);
  // An item whose association has been replaced, or ended where the item could not be removed.
  if (slot.state != static_cast<uint32_t>(SlotState::kArmed) ||
      slot.generation != key >> kGenerationShift)
    return;
  slot.events = static_cast<int32_t>(ready.events);
  segment.header().armed = segment.header().armed - 1;
  port_enqueue(port, number, SlotState::kFired);
}

}  // namespace

const SourceOps* source_ops(uint16_t source) {
  switch (static_cast<Source>(source)) {
    case Source::kUser: return &kUserOps;
    case Source::kFd: return &kFdOps;
    default: return nullptr;
  }
}

Result<void> sources_collect(Port& port) {
  if (port.segment.header().armed == 0) return {};
  const int set = port.fd.load(std::memory_order_relaxed);
  struct epoll_event ready[kBatch];
  int count;
  do {
    count = sys::epoll_poll(set, ready, kBatch);
    if (count < 0) return Errno{EBADF};
    for (int i = 0; i < count; ++i) fire(port, ready[i]);
  } while (count == kBatch);
  return {};
}

void sources_leave(Port& port) {
  fd_leave(port);
  alert_leave(port);
}

void sources_closing(Port& port, int fd) { fd_closing(port, fd); }

void sources_reconcile(Port& port) { fd_reconcile(port); }

}  // namespace portc
