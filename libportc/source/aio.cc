// SPDX-License-Identifier: MIT
#include "libportc/source/aio.h"

#include "libportc/core/registry.h"
#include "libportc/source/aio_process.h"

constinit std::atomic<uint32_t> portc_private_aio_flying{0};

namespace portc {
namespace {

constexpr size_t kOwn = static_cast<size_t>(Source::kAio);

// Guarded by aio_lock.
constinit AioFired* collecting = nullptr;  // for whom the holder of the lock harvests
constinit uint64_t done_count = 0;
constinit uint32_t held_count = 0;  // syncs that wait for writes

void set_status(const AioRecord& record, int64_t result) {
  __atomic_store_n(record.result, result < 0 ? -1 : result, __ATOMIC_RELAXED);
  __atomic_store_n(record.error, result < 0 ? static_cast<int>(-result) : 0, __ATOMIC_RELEASE);
}

void announce(AioRecord& record) {
  Parcel& parcel = record.parcel;
  if (record.port == nullptr) return;
  if (collecting == nullptr || collecting->port != record.port) {
    inbox_put(*record.port, parcel);
    return;
  }
  parcel.waiting.store(true, std::memory_order_relaxed);
  parcel.next = nullptr;
  *collecting->last = &parcel;
  collecting->last = &parcel.next;
}

// One entry fewer to wait for.
void step_list(AioRecord& list) {
  if (--list.left != 0) return;
  ++done_count;
  if (list.awaited) return;
  announce(list);
  aio_retire(list);
}

bool is_sync(const AioRecord& record) {
  return record.kind == AioKind::kSync || record.kind == AioKind::kDataSync;
}

// A write is done: syncs that came after it need not wait for it any more.
void release_syncs(const AioRecord& write) {
  if (held_count == 0 || write.kind != AioKind::kWrite) return;
  aio_each_flying([&write](AioRecord& record) {
    if (!aio_is_held(record) || record.fd != write.fd || record.seq < write.seq) return;
    if (--record.left != 0) return;
    --held_count;
    AioRecord* one = &record;
    int error = 0;
    aio_engine_known()->submit(&one, &error, 1);
    if (error != 0) aio_finish(record, -error);
  });
}

uint32_t writes_before(int fd) {
  uint32_t count = 0;
  aio_each_flying([fd, &count](const AioRecord& record) {
    if (record.kind == AioKind::kWrite && record.fd == fd) ++count;
  });
  return count;
}

// --- preparing ---

// With aio_lock. The record to submit; null if it waits for others. Errors: EBUSY, EAGAIN.
Result<AioRecord*> enter(const AioRequest& request, uint32_t slot, uint32_t list) {
  if (aio_find(request.object) != nullptr) return Errno{EBUSY};
  AioRecord* record = aio_allocate();
  if (record == nullptr) return Errno{EAGAIN};
  record->parcel.slot = slot;
  record->parcel.events = request.events;
  record->list = list;
  record->kind = request.kind;
  record->port = slot != 0 ? request.port : nullptr;
  record->object = request.object;
  record->error = request.error;
  record->result = request.result;
  record->fd = request.fd;
  record->buffer = request.buffer;
  record->length = request.length;
  record->offset = request.offset;
  if (is_sync(*record)) record->left = writes_before(request.fd);
  if (record->left != 0) ++held_count;
  if (list != 0) ++aio_record(list).left;
  aio_index(*record);
  portc_private_aio_flying.fetch_add(1, std::memory_order_relaxed);
  set_status(*record, -EINPROGRESS);
  return aio_is_held(*record) ? nullptr : record;
}

// The port's set reports the engine from its first request on. With the port's lock.
Result<void> join(Port& port) {
  if (PORTC_LIKELY(port.own[kOwn] != nullptr)) return {};
  const Result<void> used = aio_use();
  if (!used) return used;
  const Result<void> joined = private_join(port, aio_descriptor(), Source::kAio);
  if (joined)
    port.own[kOwn] = &aio_lock;
  else
    aio_unuse();
  return joined;
}

// Takes a slot, and the lock for `use(slot)`; gives the slot back if that fails.
template <typename Use>
Result<AioRecord*> with_slot(Port& port, uint64_t object, uint64_t user, Use use) {
  PortGuard guard(port);
  if (!guard) return Errno{guard.error()};
  const Result<void> joined = join(port);
  if (!joined) return Errno{joined.error()};
  const uint32_t slot = private_allocate(port, Source::kAio, object, user);
  if (slot == 0) return Errno{EAGAIN};
  Result<AioRecord*> record = Errno{EAGAIN};
  {
    LeafGuard lock(aio_lock);
    record = use(slot);
  }
  if (!record) private_free(port, slot);
  return record;
}

Result<AioRecord*> prepare(const AioRequest& request, uint32_t list) {
  if (request.port == nullptr) {
    LeafGuard lock(aio_lock);
    return enter(request, 0, list);
  }
  return with_slot(*request.port, request.object, request.user,
                   [&](uint32_t slot) { return enter(request, slot, list); });
}

// With aio_lock. The slot that is not needed any more.
uint32_t withdraw_record(AioRecord& record, int error) {
  const uint32_t slot = record.parcel.slot;
  record.parcel.slot = 0;
  record.port = nullptr;
  aio_finish(record, -error);
  return slot;
}

// The engine had no room. There will be no event.
void withdraw(AioRecord& record, Port* port, int error) {
  AioFired fired(nullptr);
  if (port == nullptr) {
    LeafGuard lock(aio_lock);
    AioHarvest harvest(fired);
    (void)withdraw_record(record, error);
    return;
  }
  PortGuard guard(*port);
  uint32_t slot = 0;
  {
    LeafGuard lock(aio_lock);
    AioHarvest harvest(fired);
    slot = withdraw_record(record, error);
  }
  if (guard && slot != 0) private_free(*port, slot);
}

// --- submitting ---

void submit_locked(const AioEngine& engine, AioRecord* const records[], int errors[],
                   uint32_t count) {
  if (engine.locked) engine.submit(records, errors, count);
  for (uint32_t i = 0; i < count; ++i) {
    if (errors[i] == 0 || errors[i] == EAGAIN) continue;
    aio_finish(*records[i], -errors[i]);
    errors[i] = 0;
  }
  engine.harvest();
  for (uint32_t i = 0; engine.locked && i < count; ++i)
    if (errors[i] == 0 && records[i]->state == AioState::kFlying) engine.flying(*records[i]);
}

// Starts prepared requests, all of one port or of none. errors[i] is 0 or EAGAIN.
void submit(AioRecord* const records[], int errors[], uint32_t count, Port* port) {
  const AioEngine& engine = *aio_engine_known();
  // Without the lock, they may be done and the port left before it returns: the engine stays.
  if (!engine.locked) {
    aio_pin();
    engine.submit(records, errors, count);
  }
  AioFired fired(port);
  {
    LeafGuard lock(aio_lock);
    AioHarvest harvest(fired);
    submit_locked(engine, records, errors, count);
  }
  aio_deliver(fired);
  if (!engine.locked) {
    aio_unuse();
    aio_tidy();
  }
}

void fire(Port& port, AioFired& fired) {
  inbox_drain(port);  // what was harvested earlier
  for (Parcel* parcel = fired.first; parcel != nullptr;) {
    Parcel* next = parcel->next;
    if (parcel->slot != 0) private_fire(port, parcel->slot, parcel->events);
    parcel->waiting.store(false, std::memory_order_release);
    parcel = next;
  }
}

void discard(AioFired& fired) {
  for (Parcel* parcel = fired.first; parcel != nullptr;) {
    Parcel* next = parcel->next;
    parcel->waiting.store(false, std::memory_order_release);
    parcel = next;
  }
}

// --- the source's operations ---

void collect(Port& port) {
  AioFired fired(&port);
  {
    LeafGuard lock(aio_lock);
    AioHarvest harvest(fired);
    if (const AioEngine* engine = aio_engine_known()) engine->harvest();
  }
  fire(port, fired);
}

// The requests go on, and nobody is told.
template <typename Visit>
void detach(const Port& port, Visit visit) {
  const uint32_t high_water = aio_high_water();
  for (uint32_t number = 1; number <= high_water; ++number) {
    AioRecord& record = aio_record(number);
    if (record.port != &port) continue;
    record.port = nullptr;
    record.parcel.slot = 0;
    visit(record);
  }
}

void leave(Port& port) {
  if (port.own[kOwn] == nullptr) return;
  port.own[kOwn] = nullptr;
  private_part(port, aio_descriptor());
  {
    LeafGuard lock(aio_lock);
    inbox_drain(port);
    detach(port, [](AioRecord&) {});
  }
  private_free_all(port, Source::kAio);
  aio_unuse();
  aio_tidy();
}

void forget(Port& port) {
  if (port.own[kOwn] == nullptr) return;
  port.own[kOwn] = nullptr;
  if (aio_engine_known() == nullptr) return;
  LeafGuard lock(aio_lock);
  detach(port, [](AioRecord& record) {  // the inbox is about to be thrown away
    record.parcel.waiting.store(false, std::memory_order_relaxed);
  });
  aio_unuse();
}

void forked() {
  aio_lock.reset_child();
  aio_process_forget();
  aio_wait_forget();
  aio_table_forget();
  collecting = nullptr;
  held_count = 0;
  portc_private_aio_flying.store(0, std::memory_order_relaxed);
}

constexpr PrivateOps kAioOwn = {collect, leave, forget, forked, aio_process_vacate};

}  // namespace

const SourceOps kAioOps = {private_deliverable, private_retire_once, private_rearm, private_drop,
                           &kAioOwn};

// --- harvesting ---

AioHarvest::AioHarvest(AioFired& fired) : done_before_(done_count) { collecting = &fired; }

AioHarvest::~AioHarvest() {
  collecting = nullptr;
  if (done_count != done_before_) aio_wake_sleepers();
}

void aio_finish(AioRecord& record, int64_t result) {
  aio_unindex(record);
  set_status(record, result);
  portc_private_aio_flying.fetch_sub(1, std::memory_order_release);
  ++done_count;
  announce(record);
  release_syncs(record);  // whose events come after this one
  const uint32_t list = record.list;
  aio_retire(record);
  if (list != 0) step_list(aio_record(list));
}

void aio_deliver(AioFired& fired) {
  if (fired.first != nullptr) {
    PortGuard guard(*fired.port);
    if (guard)
      fire(*fired.port, fired);
    else
      discard(fired);
  }
  if (inbox_pending()) inbox_deliver();
}

namespace {

void harvest_pending(AioFired& fired) {
  const AioEngine* engine = aio_engine_known();
  if (engine == nullptr || !engine->pending()) return;
  AioHarvest harvest(fired);
  engine->harvest();
}

}  // namespace

void aio_harvest() {
  AioFired fired(nullptr);
  if (PORTC_UNLIKELY(lock_is_held())) {  // the section that was interrupted delivers
    if (!aio_lock.try_acquire()) return;
    harvest_pending(fired);
    aio_lock.release_tried();
    return;
  }
  {
    LeafGuard lock(aio_lock);
    harvest_pending(fired);
  }
  aio_deliver(fired);
  aio_tidy();
}

bool aio_is_held(const AioRecord& record) { return is_sync(record) && record.left != 0; }

void aio_cancel_held(AioRecord& record) {
  --held_count;
  record.left = 0;
  aio_finish(record, -ECANCELED);
}

// --- requests ---

Result<void> aio_start(const AioRequest& request) {
  if (lock_is_held()) return Errno{EAGAIN};
  const Result<AioRecord*> prepared = prepare(request, 0);
  if (!prepared) return Errno{prepared.error()};
  if (*prepared == nullptr) return {};
  AioRecord* one = *prepared;
  int error = 0;
  submit(&one, &error, 1, request.port);
  if (error == 0) return {};
  withdraw(*one, request.port, error);
  return Errno{error};
}

// --- lists ---

Result<void> AioList::use() {
  if (used_) return {};
  const Result<void> used = aio_use();
  used_ = bool(used);
  return used;
}

AioList::~AioList() {
  if (!used_) return;
  aio_unuse();
  aio_tidy();
}

Result<void> AioList::open(AioRecord* record) {
  if (record == nullptr) return Errno{EAGAIN};
  record->kind = AioKind::kList;
  record->left = 1;  // until close()
  list_ = record->number;
  return {};
}

Result<void> AioList::notify(Port& port, uint64_t object, uint64_t user, int32_t events) {
  if (lock_is_held()) return Errno{EAGAIN};
  const Result<void> used = use();
  if (!used) return used;
  const Result<AioRecord*> made = with_slot(port, object, user, [&](uint32_t slot) {
    AioRecord* record = aio_allocate();
    if (!open(record)) return Result<AioRecord*>(Errno{EAGAIN});
    record->parcel.slot = slot;
    record->parcel.events = events;
    record->port = &port;
    return Result<AioRecord*>(record);
  });
  if (!made) return Errno{made.error()};
  notified_ = &port;
  return {};
}

Result<void> AioList::await() {
  if (lock_is_held()) return Errno{EAGAIN};
  const Result<void> used = use();
  if (!used) return used;
  LeafGuard lock(aio_lock);
  AioRecord* record = aio_allocate();
  const Result<void> opened = open(record);
  if (opened) record->awaited = true;
  return opened;
}

Result<void> AioList::add(const AioRequest& request) {
  if (lock_is_held()) return Errno{EAGAIN};
  const Result<void> used = use();
  if (!used) return used;
  if (count_ == kAioBatch || request.port != port_) flush();
  port_ = request.port;
  const Result<AioRecord*> prepared = prepare(request, list_);
  if (!prepared) return Errno{prepared.error()};
  ++accepted_;
  if (*prepared != nullptr) kept_[count_++] = *prepared;
  return {};
}

void AioList::flush() {
  static_assert(sizeof kept_ / sizeof kept_[0] == kAioBatch);
  if (count_ == 0) return;
  int errors[kAioBatch];
  submit(kept_, errors, count_, port_);
  for (uint32_t i = 0; i < count_; ++i) {
    if (errors[i] == 0) continue;
    withdraw(*kept_[i], port_, errors[i]);
    ++refused_;
  }
  count_ = 0;
}

void AioList::close() {
  flush();
  if (list_ == 0) return;
  if (notified_ != nullptr && accepted_ == refused_) return drop();
  AioFired fired(notified_);
  {
    LeafGuard lock(aio_lock);
    AioHarvest harvest(fired);
    step_list(aio_record(list_));
  }
  aio_deliver(fired);
}

// Nothing was started: there is no event of the list either.
void AioList::drop() {
  PortGuard guard(*notified_);
  uint32_t slot = 0;
  {
    LeafGuard lock(aio_lock);
    AioRecord& record = aio_record(list_);
    slot = record.parcel.slot;
    record.parcel.slot = 0;
    record.port = nullptr;
    aio_retire(record);
  }
  if (guard && slot != 0) private_free(*notified_, slot);
}

namespace {

struct Awaited {
  uint32_t list;
  bool (*poll)(void*);
  void* context;
};

bool list_is_done(void* argument) {
  const Awaited& awaited = *static_cast<const Awaited*>(argument);
  return aio_record(awaited.list).left == 0 &&
         (awaited.poll == nullptr || awaited.poll(awaited.context));
}

}  // namespace

Result<void> AioList::wait(bool (*poll)(void*), void* context) {
  constexpr int64_t kOften = 5'000'000;
  Awaited awaited = {list_, poll, context};
  const Result<void> waited =
      aio_wait(list_is_done, &awaited, Deadline::never(), poll != nullptr ? kOften : 0);
  stop_waiting();
  return waited;
}

void AioList::stop_waiting() {
  if (list_ == 0) return;
  LeafGuard lock(aio_lock);
  AioRecord& record = aio_record(list_);
  list_ = 0;
  record.awaited = false;
  if (record.left == 0) aio_retire(record);
}

bool aio_is_flying(uint64_t object) {
  const bool handler = lock_is_held();
  if (handler && !aio_lock.try_acquire()) return true;  // not to be known; likely
  if (!handler) aio_lock.acquire();
  const bool flying = aio_engine_known() != nullptr && aio_find(object) != nullptr;
  if (handler)
    aio_lock.release_tried();
  else
    aio_lock.release();
  return flying;
}

}  // namespace portc
