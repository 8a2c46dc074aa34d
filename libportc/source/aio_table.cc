// SPDX-License-Identifier: MIT
#include "libportc/source/aio_table.h"

#include <sys/mman.h>

#include "libportc/base/sys.h"

namespace portc {

constinit LeafLock aio_lock;

namespace {

constexpr uint32_t kIndexSize = 1u << 14;

struct Table {
  uint32_t bucket[kIndexSize];
  AioRecord records[kMostRequests];  // records[0] is number 1
};

constinit std::atomic<Table*> table{nullptr};
constinit uint32_t high_water = 0;
constinit uint64_t last_seq = 0;

// Records that are done, oldest first.
constinit uint32_t limbo_head = 0;
constinit uint32_t limbo_tail = 0;

Table& tables() { return *table.load(std::memory_order_relaxed); }

uint32_t& bucket_of(uint64_t object) {
  return tables().bucket[(object >> 4 ^ object >> 14) & (kIndexSize - 1)];
}

// The oldest whose event is out of the inbox. A port whose lock is busy holds up few.
AioRecord* reuse() {
  constexpr int kTries = 8;
  for (int i = 0; i < kTries && limbo_head != 0; ++i) {
    AioRecord& record = aio_record(limbo_head);
    limbo_head = record.next;
    if (limbo_head == 0) limbo_tail = 0;
    if (!record.parcel.waiting.load(std::memory_order_acquire)) return &record;
    aio_retire(record);
  }
  return nullptr;
}

void clear(AioRecord& record) {
  const uint32_t number = record.number;
  __builtin_memset(static_cast<void*>(&record), 0, sizeof record);
  record.number = number;
  record.state = AioState::kFlying;
  record.seq = ++last_seq;
}

}  // namespace

Result<void> aio_table_init() {
  if (table.load(std::memory_order_relaxed) != nullptr) return {};
  const long r = sys::raw(SYS_mmap, 0, sizeof(Table), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (r < 0) return Errno{ENOMEM};
  table.store(reinterpret_cast<Table*>(r), std::memory_order_release);
  return {};
}

void aio_table_forget() {
  high_water = limbo_head = limbo_tail = 0;
  if (Table* old = table.load(std::memory_order_relaxed))
    (void)sys::raw(SYS_madvise, sys::arg(old), sizeof(Table), MADV_DONTNEED);
}

AioRecord& aio_record(uint32_t number) { return tables().records[number - 1]; }

uint32_t aio_high_water() { return high_water; }

AioRecord* aio_allocate() {
  AioRecord* record = reuse();
  if (record == nullptr) {
    if (high_water == kMostRequests) return nullptr;
    record = &aio_record(++high_water);
    record->number = high_water;
  }
  clear(*record);
  return record;
}

void aio_retire(AioRecord& record) {
  record.state = AioState::kDone;
  record.next = 0;
  if (limbo_tail != 0)
    aio_record(limbo_tail).next = record.number;
  else
    limbo_head = record.number;
  limbo_tail = record.number;
}

AioRecord* aio_find(uint64_t object) {
  if (high_water == 0) return nullptr;
  for (uint32_t number = bucket_of(object); number != 0; number = aio_record(number).chain)
    if (aio_record(number).object == object) return &aio_record(number);
  return nullptr;
}

void aio_index(AioRecord& record) {
  uint32_t& bucket = bucket_of(record.object);
  record.chain = bucket;
  bucket = record.number;
}

void aio_unindex(AioRecord& record) {
  uint32_t* link = &bucket_of(record.object);
  while (*link != 0 && *link != record.number) link = &aio_record(*link).chain;
  if (*link != 0) *link = record.chain;
}

}  // namespace portc
