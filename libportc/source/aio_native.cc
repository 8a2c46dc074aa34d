// SPDX-License-Identifier: MIT
//
// The engine for kernels that refuse io_uring: io_submit(2) and its kin, which libaio wraps.
//
// Only files opened with O_DIRECT are really asynchronous here; the kernel reads and writes others
// while they are being submitted, portc(7) aio-libaio. What can be polled (pipes, sockets,
// terminals) is polled first, and then read or written without waiting.
//
// Source: io_setup(2), io_submit(2), io_cancel(2); linux/aio_abi.h.
#include <linux/aio_abi.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "libportc/base/sys.h"
#include "libportc/core/private.h"
#include "libportc/source/aio_engine.h"

namespace portc {
namespace {

constexpr uint32_t kRingMagic = 0xa10a10a1;
constexpr int kHarvest = 64;
constexpr unsigned kSizes[] = {1024, 256, 128, 32};

// What the kernel maps at the address that is the context's name.
struct RingHeader {
  uint32_t id;
  uint32_t count;
  uint32_t head;
  uint32_t tail;
  uint32_t magic;
};

struct Context {
  std::atomic<int> fd{-1};  // eventfd
  aio_context_t id;
};

constinit Context context{};

Result<int> native_open() {
  const Result<int> fd = sys::eventfd(0, O_CLOEXEC | O_NONBLOCK);
  if (!fd) return fd;
  long r = -EAGAIN;
  for (unsigned size : kSizes) {
    context.id = 0;
    r = sys::raw(SYS_io_setup, size, sys::arg(&context.id));
    if (r != -EAGAIN && r != -ENOMEM) break;  // fs.aio-max-nr is for all processes together
  }
  if (r == 0) return fd;
  (void)sys::close(*fd);
  return Errno{static_cast<int>(-r)};
}

void native_moved(int fd) { context.fd.store(fd, std::memory_order_relaxed); }

void native_close() {
  (void)sys::raw(SYS_io_destroy, static_cast<long>(context.id));
  private_close(context.fd.exchange(-1, std::memory_order_relaxed));
}

// The context belongs to the parent's memory, and is not in the child's.
void native_forget() {
  private_close(context.fd.load(std::memory_order_relaxed));
  context.fd.store(-1, std::memory_order_relaxed);
}

bool native_pending() {
  const RingHeader* header = reinterpret_cast<const RingHeader*>(context.id);
  if (header->magic != kRingMagic) return true;
  return __atomic_load_n(&header->head, __ATOMIC_RELAXED) !=
         __atomic_load_n(&header->tail, __ATOMIC_ACQUIRE);
}

// Polling a descriptor that is not open for it would wait for ever; io_submit says EBADF.
bool permitted(const AioRecord& record) {
  const long mode = sys::fcntl(record.fd, F_GETFL) & O_ACCMODE;
  return mode == O_RDWR || mode == (record.kind == AioKind::kRead ? O_RDONLY : O_WRONLY);
}

bool waits_first(const AioRecord& record) {
  if (record.kind != AioKind::kRead && record.kind != AioKind::kWrite) return false;
  struct stat st = {};
  if (sys::raw(SYS_fstat, record.fd, sys::arg(&st)) != 0) return false;
  return !S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode) && permitted(record);
}

void fill(AioRecord& record) {
  struct iocb& control = record.native;
  control = {};
  control.aio_data = record.number;
  control.aio_fildes = static_cast<uint32_t>(record.fd);
  control.aio_flags = IOCB_FLAG_RESFD;
  control.aio_resfd = static_cast<uint32_t>(context.fd.load(std::memory_order_relaxed));
  if (waits_first(record)) {
    aio_identify(record);
    control.aio_lio_opcode = IOCB_CMD_POLL;
    control.aio_buf = record.kind == AioKind::kRead ? POLLIN : POLLOUT;
    return;
  }
  switch (record.kind) {
    case AioKind::kRead:
      control.aio_lio_opcode = IOCB_CMD_PREAD;
      break;
    case AioKind::kWrite:
      control.aio_lio_opcode = IOCB_CMD_PWRITE;
      break;
    case AioKind::kDataSync:
      control.aio_lio_opcode = IOCB_CMD_FDSYNC;
      return;
    default:
      control.aio_lio_opcode = IOCB_CMD_FSYNC;
      return;
  }
  control.aio_buf = record.buffer;
  control.aio_nbytes = record.length < kMostBytes ? record.length : kMostBytes;
  control.aio_offset = record.offset;
}

// Once it is submitted the record may be another request's: only the pointers are used.
void native_submit(AioRecord* const records[], int errors[], uint32_t count) {
  struct iocb* controls[kAioBatch];
  for (uint32_t i = 0; i < count; ++i) {
    fill(*records[i]);
    controls[i] = &records[i]->native;
    errors[i] = 0;
  }
  for (uint32_t done = 0; done < count;) {
    const long r = sys::raw(SYS_io_submit, static_cast<long>(context.id), count - done,
                            sys::arg(controls + done));
    if (r > 0) {
      done += static_cast<uint32_t>(r);
    } else if (r == 0 || r == -EAGAIN || r == -ENOMEM) {
      for (; done < count; ++done) errors[done] = EAGAIN;
    } else {
      errors[done++] = static_cast<int>(-r);
    }
  }
}

// One request again, with the lock. False if that failed.
bool submit_again(AioRecord& record) {
  struct iocb* control = &record.native;
  return sys::raw(SYS_io_submit, static_cast<long>(context.id), 1, sys::arg(&control)) == 1;
}

// The file is ready: reads or writes without waiting. Somebody else may have been faster.
void transfer(AioRecord& record) {
  if (!aio_same_file(record)) return aio_finish(record, -ECANCELED);
  const bool reads = record.kind == AioKind::kRead;
  const uint64_t length = record.length < kMostBytes ? record.length : kMostBytes;
  const struct iovec part = {reinterpret_cast<void*>(record.buffer), length};
  long r = sys::raw(reads ? SYS_preadv2 : SYS_pwritev2, record.fd, sys::arg(&part), 1, -1, -1,
                    RWF_NOWAIT);
  if (r == -EOPNOTSUPP)
    r = sys::raw(reads ? SYS_read : SYS_write, record.fd, static_cast<long>(record.buffer),
                 static_cast<long>(length));
  if (r == -EAGAIN && submit_again(record)) return;
  aio_finish(record, r);
}

void completed(const struct io_event& event) {
  AioRecord& record = aio_record(static_cast<uint32_t>(event.data));
  const int64_t result = event.res;
  if (record.native.aio_lio_opcode != IOCB_CMD_POLL) return aio_finish(record, result);
  if (record.cancelled) return aio_finish(record, -ECANCELED);
  if (result < 0) return aio_finish(record, result);
  transfer(record);
}

void native_harvest() {
  // First: what comes later makes it readable again.
  sys::eventfd_drain(context.fd.load(std::memory_order_relaxed));
  struct io_event events[kHarvest];
  struct timespec zero = {0, 0};
  while (native_pending()) {
    const long count = sys::raw(SYS_io_getevents, static_cast<long>(context.id), 0, kHarvest,
                                sys::arg(events), sys::arg(&zero));
    if (count <= 0) return;
    for (long i = 0; i < count; ++i) completed(events[i]);
  }
}

int native_cancel(AioRecord& record) {
  struct io_event event = {};
  const long r = sys::raw(SYS_io_cancel, static_cast<long>(context.id), sys::arg(&record.native),
                          sys::arg(&event));
  record.cancelling = true;
  if (r != 0 && r != -EINPROGRESS) return ENOENT;
  record.cancelled = true;
  return 0;
}

void nothing_to_note(AioRecord&) {}

}  // namespace

const AioEngine kNativeEngine = {"libaio",        native_open,    native_moved,  native_close,
                                 native_forget,   native_pending, native_submit, false,
                                 nothing_to_note, native_harvest, native_cancel};

}  // namespace portc
