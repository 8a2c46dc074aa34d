// SPDX-License-Identifier: MIT
#include "libportc/source/timer_table.h"

#include <sys/mman.h>

#include "libportc/base/sys.h"
#include "libportc/core/registry.h"

namespace portc {
namespace {

constexpr int kIndexBits = 20;
constexpr uint64_t kIndexMask = (uint64_t{1} << kIndexBits) - 1;
constexpr uint64_t kGenerationMask = (uint64_t{1} << (kTimerTagShift - kIndexBits)) - 1;
static_assert(kMaxTimers <= kIndexMask + 1);

constexpr size_t kTableSize = size_t{kMaxTimers} * sizeof(Timer);

constinit std::atomic<Timer*> table{nullptr};
constinit std::atomic<uint32_t> used{0};  // entries that were ever reserved
// Number of the first free entry (its index plus one, 0: none), and a count of changes above it,
// so that an entry that was taken and came back is not mistaken for one that stayed.
constinit std::atomic<uint64_t> free_list{0};
constexpr int kChangesShift = 32;

Timer* make_table() {
  LocalLockGuard guard(registry_lock);  // so that a fork sees all of it or nothing
  Timer* entries = table.load(std::memory_order_acquire);
  if (entries != nullptr) return entries;
  const long r = sys::raw(SYS_mmap, 0, kTableSize, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (r < 0) return nullptr;
  entries = reinterpret_cast<Timer*>(r);
  table.store(entries, std::memory_order_release);
  return entries;
}

Timer* take_free(Timer* entries) {
  uint64_t head = free_list.load(std::memory_order_acquire);
  for (;;) {
    const uint32_t number = static_cast<uint32_t>(head);
    if (number == 0) return nullptr;
    const uint32_t next = entries[number - 1].next_free.load(std::memory_order_relaxed);
    const uint64_t changes = (head >> kChangesShift) + 1;
    if (free_list.compare_exchange_weak(head, changes << kChangesShift | next,
                                        std::memory_order_acquire))
      return &entries[number - 1];
  }
}

Timer* take_fresh(Timer* entries) {
  uint32_t index = used.load(std::memory_order_relaxed);
  do {
    if (index == kMaxTimers) return nullptr;
  } while (!used.compare_exchange_weak(index, index + 1, std::memory_order_relaxed));
  return &entries[index];
}

}  // namespace

Timer* timer_reserve() {
  Timer* entries = table.load(std::memory_order_acquire);
  if (PORTC_UNLIKELY(entries == nullptr)) entries = make_table();
  if (entries == nullptr) return nullptr;
  Timer* timer = take_free(entries);
  return timer != nullptr ? timer : take_fresh(entries);
}

TimerId timer_future_id(Timer& timer) {
  const auto index = static_cast<uint64_t>(&timer - table.load(std::memory_order_relaxed));
  const uint64_t generation = (timer.generation + 1) & kGenerationMask;
  return kTimerTag << kTimerTagShift | generation << kIndexBits | index;
}

void timer_publish(Timer& timer) {
  const TimerId id = timer_future_id(timer);
  ++timer.generation;
  timer.id.store(id, std::memory_order_release);
}

void timer_unreserve(Timer& timer) {
  timer.id.store(0, std::memory_order_relaxed);
  const auto number = static_cast<uint32_t>(&timer - table.load(std::memory_order_relaxed)) + 1;
  uint64_t head = free_list.load(std::memory_order_relaxed);
  uint64_t changed;
  do {
    timer.next_free.store(static_cast<uint32_t>(head), std::memory_order_relaxed);
    changed = ((head >> kChangesShift) + 1) << kChangesShift | number;
  } while (!free_list.compare_exchange_weak(head, changed, std::memory_order_release,
                                            std::memory_order_relaxed));
}

Timer* timer_find(TimerId id) {
  Timer* entries = table.load(std::memory_order_acquire);
  const uint64_t index = id & kIndexMask;
  if (entries == nullptr || !timer_id_is_ours(id) || index >= kMaxTimers) return nullptr;
  return &entries[index];
}

void timer_table_forked() {
  Timer* entries = table.exchange(nullptr, std::memory_order_relaxed);
  if (entries != nullptr) (void)sys::raw(SYS_munmap, sys::arg(entries), kTableSize);
  used.store(0, std::memory_order_relaxed);
  free_list.store(0, std::memory_order_relaxed);
}

}  // namespace portc
