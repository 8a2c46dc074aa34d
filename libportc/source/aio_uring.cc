// SPDX-License-Identifier: MIT
//
// The io_uring engine. One io_uring_enter for each submission, which also finishes what the page
// cache has; completions are read from shared memory.
//
// The kernel ties a request to the thread that submitted it: if that thread ends first, the
// request fails with ECANCELED or EFAULT, although nobody has cancelled it and the address is
// right. Such a request is submitted again by the thread that harvests it, if its descriptor
// still is the same file. For requests of the main thread this is not remembered: when that one
// ends, the process usually does, and it costs a system call for each request.
//
// Source: io_uring_setup(2), io_uring_enter(2); linux/io_uring.h.
#include <linux/io_uring.h>
#include <sys/mman.h>

#include "libportc/base/sys.h"
#include "libportc/core/private.h"
#include "libportc/core/process.h"
#include "libportc/source/aio_engine.h"

namespace portc {
namespace {

constexpr uint32_t kSubmissions = 256;
constexpr uint32_t kCompletions = 4096;
constexpr uint32_t kNeeded = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP |
                             IORING_FEAT_SUBMIT_STABLE | IORING_FEAT_FAST_POLL;
constexpr uint64_t kCancelMark = uint64_t{1} << 63;  // user_data of a cancellation
constexpr uint8_t kMostRetries = 100;

struct Ring {
  std::atomic<int> fd{-1};
  char* memory;  // both rings
  size_t size;
  struct io_uring_sqe* entries;
  uint32_t* sq_head;
  uint32_t* sq_tail;
  uint32_t* sq_flags;
  uint32_t* sq_array;
  uint32_t sq_mask;
  uint32_t sq_entries;
  uint32_t* cq_head;
  uint32_t* cq_tail;
  struct io_uring_cqe* completions;
  uint32_t cq_mask;
  int cancel_result;
};

constinit Ring ring{};

uint32_t load(const uint32_t* word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
void store(uint32_t* word, uint32_t value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }

int enter(uint32_t count, unsigned flags) {
  return static_cast<int>(sys::raw(SYS_io_uring_enter, ring.fd.load(std::memory_order_relaxed),
                                   count, 0, static_cast<long>(flags), 0, 8));
}

// A fork child must not have it: completions of the parent's requests would be its own.
void* map_ring(int fd, size_t size, uint64_t offset) {
  const long r = sys::raw(SYS_mmap, 0, static_cast<long>(size), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_POPULATE, fd, static_cast<long>(offset));
  if (r < 0) return nullptr;
  if (sys::raw(SYS_madvise, r, static_cast<long>(size), MADV_DONTFORK) == 0)
    return reinterpret_cast<void*>(r);
  (void)sys::raw(SYS_munmap, r, static_cast<long>(size));
  return nullptr;
}

template <typename T>
T* at(char* base, uint32_t offset) {
  return reinterpret_cast<T*>(base + offset);
}

bool map(int fd, const struct io_uring_params& params) {
  const size_t sq_size = params.sq_off.array + params.sq_entries * sizeof(uint32_t);
  const size_t cq_size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
  const size_t size = sq_size > cq_size ? sq_size : cq_size;
  char* memory = static_cast<char*>(map_ring(fd, size, IORING_OFF_SQ_RING));
  if (memory == nullptr) return false;
  void* entries = map_ring(fd, params.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
  if (entries == nullptr) {
    (void)sys::raw(SYS_munmap, sys::arg(memory), static_cast<long>(size));
    return false;
  }
  ring.memory = memory;
  ring.size = size;
  ring.entries = static_cast<struct io_uring_sqe*>(entries);
  ring.sq_head = at<uint32_t>(memory, params.sq_off.head);
  ring.sq_tail = at<uint32_t>(memory, params.sq_off.tail);
  ring.sq_flags = at<uint32_t>(memory, params.sq_off.flags);
  ring.sq_array = at<uint32_t>(memory, params.sq_off.array);
  ring.sq_mask = *at<uint32_t>(memory, params.sq_off.ring_mask);
  ring.sq_entries = params.sq_entries;
  ring.cq_head = at<uint32_t>(memory, params.cq_off.head);
  ring.cq_tail = at<uint32_t>(memory, params.cq_off.tail);
  ring.completions = at<struct io_uring_cqe>(memory, params.cq_off.cqes);
  ring.cq_mask = *at<uint32_t>(memory, params.cq_off.ring_mask);
  for (uint32_t i = 0; i < ring.sq_entries; ++i) ring.sq_array[i] = i;
  return true;
}

Result<int> uring_open() {
  struct io_uring_params params = {};
  params.flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
  params.cq_entries = kCompletions;
  const long fd = sys::raw(SYS_io_uring_setup, kSubmissions, sys::arg(&params));
  if (fd < 0) return Errno{static_cast<int>(-fd)};
  if ((params.features & kNeeded) != kNeeded || !map(static_cast<int>(fd), params)) {
    (void)sys::close(static_cast<int>(fd));
    return Errno{(params.features & kNeeded) != kNeeded ? ENOSYS : ENOMEM};
  }
  return static_cast<int>(fd);
}

void uring_moved(int fd) { ring.fd.store(fd, std::memory_order_relaxed); }

void uring_close() {
  (void)sys::raw(SYS_munmap, sys::arg(ring.memory), static_cast<long>(ring.size));
  (void)sys::raw(SYS_munmap, sys::arg(ring.entries),
                 static_cast<long>(ring.sq_entries * sizeof(struct io_uring_sqe)));
  private_close(ring.fd.exchange(-1, std::memory_order_relaxed));
}

void uring_forget() {
  private_close(ring.fd.load(std::memory_order_relaxed));
  ring.fd.store(-1, std::memory_order_relaxed);
}

bool overflown() { return (load(ring.sq_flags) & IORING_SQ_CQ_OVERFLOW) != 0; }

bool uring_pending() {
  return __atomic_load_n(ring.cq_head, __ATOMIC_RELAXED) != load(ring.cq_tail) || overflown();
}

uint8_t opcode_of(AioKind kind) {
  switch (kind) {
    case AioKind::kRead:
      return IORING_OP_READ;
    case AioKind::kWrite:
      return IORING_OP_WRITE;
    default:
      return IORING_OP_FSYNC;
  }
}

void fill(struct io_uring_sqe& entry, const AioRecord& record) {
  entry = {};
  entry.opcode = opcode_of(record.kind);
  entry.fd = record.fd;
  entry.user_data = record.number;
  if (record.kind == AioKind::kDataSync) entry.fsync_flags = IORING_FSYNC_DATASYNC;
  if (entry.opcode == IORING_OP_FSYNC) return;
  entry.addr = record.buffer;
  entry.len = static_cast<uint32_t>(record.length < kMostBytes ? record.length : kMostBytes);
  entry.off = static_cast<uint64_t>(record.offset);
}

struct io_uring_sqe& next_entry() {
  const uint32_t tail = *ring.sq_tail;
  struct io_uring_sqe& entry = ring.entries[tail & ring.sq_mask];
  store(ring.sq_tail, tail + 1);
  return entry;
}

// Hands over what was put into the ring; the number of entries that the kernel did not want, which
// are taken back.
uint32_t flush() {
  constexpr int kTries = 3;
  const uint32_t tail = *ring.sq_tail;
  for (int tries = 0; tries < kTries;) {
    const uint32_t left = tail - load(ring.sq_head);
    if (left == 0) return 0;
    const int r = enter(left, 0);
    if (r > 0 || r == -EINTR) continue;
    ++tries;
    if (overflown()) (void)enter(0, IORING_ENTER_GETEVENTS);  // makes room
  }
  const uint32_t left = tail - load(ring.sq_head);
  store(ring.sq_tail, tail - left);
  return left;
}

void uring_submit(AioRecord* const records[], int errors[], uint32_t count) {
  static_assert(kAioBatch <= kSubmissions);
  for (uint32_t i = 0; i < count; ++i) {
    fill(next_entry(), *records[i]);
    errors[i] = 0;
  }
  for (uint32_t left = flush(); left > 0; --left) errors[count - left] = EAGAIN;
}

void uring_flying(AioRecord& record) {
  if (!process_is_main_thread()) aio_identify(record);
}

// Did it fail only because its thread has ended, or was interrupted by a signal of its own?
bool revive(AioRecord& record, int64_t result) {
  const bool lost =
      result == -ECANCELED || result == -EINTR || (result == -EFAULT && record.retries == 0);
  if (!lost || record.cancelling || record.retries == kMostRetries) return false;
  const bool harmless = result == -EINTR && record.kind == AioKind::kRead;
  if (!harmless && !aio_same_file(record)) return false;
  ++record.retries;
  AioRecord* one = &record;
  int error = 0;
  uring_submit(&one, &error, 1);
  return error == 0;
}

void completed(uint64_t user_data, int64_t result) {
  if (user_data == kCancelMark) {
    ring.cancel_result = static_cast<int>(result);
    return;
  }
  AioRecord& record = aio_record(static_cast<uint32_t>(user_data));
  if (PORTC_UNLIKELY(result < 0)) {
    if (revive(record, result)) return;
    if (record.cancelling && result == -EINTR) result = -ECANCELED;
  }
  aio_finish(record, result);
}

void uring_harvest() {
  for (;;) {
    const uint32_t head = *ring.cq_head;
    if (head == load(ring.cq_tail)) {
      if (!overflown()) return;
      (void)enter(0, IORING_ENTER_GETEVENTS);
      if (head == load(ring.cq_tail)) return;
    }
    const struct io_uring_cqe& entry = ring.completions[head & ring.cq_mask];
    const uint64_t user_data = entry.user_data;
    const int32_t result = entry.res;
    // Before the rest: finishing one may start another.
    store(ring.cq_head, head + 1);
    completed(user_data, result);
  }
}

// A cancellation is done when the call that submits it returns.
int uring_cancel(AioRecord& record) {
  struct io_uring_sqe& entry = next_entry();
  entry = {};
  entry.opcode = IORING_OP_ASYNC_CANCEL;
  entry.fd = -1;
  entry.addr = record.number;
  entry.user_data = kCancelMark;
  ring.cancel_result = -ENOENT;
  record.cancelling = true;
  if (flush() != 0) return EAGAIN;
  uring_harvest();
  return ring.cancel_result < 0 ? -ring.cancel_result : 0;
}

}  // namespace

const AioEngine kUringEngine = {"io_uring",   uring_open,    uring_moved,  uring_close,
                                uring_forget, uring_pending, uring_submit, true,
                                uring_flying, uring_harvest, uring_cancel};

}  // namespace portc
