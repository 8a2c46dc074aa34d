// SPDX-License-Identifier: MIT
//
// Asynchronous input and output with events: PORT_SOURCE_AIO. A request has its slot in the port
// from the start; its status is stored before its event is queued; the event is the port's, so
// that a request outlives the port it was to be reported to.
//
// The engine (aio_engine.h) is one for the process, and its descriptor is an item of every port
// that has been given requests. Whoever looks (port_get, aio_error, aio_suspend, another request)
// harvests for all.
//
// Source: aio_read(3C), lio_listio(3C), aio_suspend(3C), aio_cancel(3C); illumos
// lib/libc/port/aio, uts/common/os/aio.c.
#pragma once

#include "libportc/base/deadline.h"
#include "libportc/base/export.h"
#include "libportc/core/source.h"
#include "libportc/source/aio_table.h"

// Requests in flight: zero for programs without any.
extern "C" PORTC_EXPORT std::atomic<uint32_t> portc_private_aio_flying;

namespace portc {

extern const SourceOps kAioOps;

struct AioRequest {
  AioKind kind;
  int fd;
  uint64_t buffer;  // address
  uint64_t length;  // bytes
  int64_t offset;
  uint64_t object;  // address of the control block: the request's identity, and the event's object
  int* error;       // the status: EINPROGRESS from now until it is final
  ssize_t* result;
  Port* port;  // null: no event
  uint64_t user;
  int32_t events;
};

// Starts one request. A failure of the request itself is an event.
// Locks: takes the port's. Not AS-safe.
// Errors, in this order: EAGAIN (from a handler that interrupted a section), ENOSYS (no engine, or
// not the one that PORTC_AIO_ENGINE names), ENOMEM, EMFILE, EBUSY (the control block is in use),
// EAGAIN (as many in flight as there can be), EBADF, EBADFD (the port was closed), EAGAIN (the
// port is full, or the engine is).
Result<void> aio_start(const AioRequest& request);

// Several requests, and what happens when all of them are done. Use: notify() or await() if
// something shall happen, add() for each, close().
class AioList {
 public:
  AioList() = default;
  ~AioList();
  AioList(const AioList&) = delete;
  AioList& operator=(const AioList&) = delete;

  // The event of the whole list. There is none if no request is started. The port is referenced
  // until close(). Errors: as aio_start().
  Result<void> notify(Port& port, uint64_t object, uint64_t user, int32_t events);
  // The caller will wait() after close(). Errors: as aio_start().
  Result<void> await();

  // The request is started now, or later by flush(). Its port is referenced until then.
  // Errors: as aio_start(); but the engine's EAGAIN becomes the request's status.
  Result<void> add(const AioRequest& request);

  // Starts what add() has kept back.
  void flush();
  void close();

  // Sleeps until all are done. `poll` is asked now and then, and says whether what the engine
  // knows nothing of is done, too; null: there is nothing. Errors: EINTR, EMFILE.
  Result<void> wait(bool (*poll)(void*), void* context);
  // For a wait() that does not return: the list takes its leave when it is done.
  void stop_waiting();

  // Requests the engine had no room for.
  uint32_t refused() const { return refused_; }

 private:
  Result<void> use();
  Result<void> open(AioRecord* record);
  void drop();

  AioRecord* kept_[64];
  uint32_t count_ = 0;
  uint32_t accepted_ = 0;
  uint32_t refused_ = 0;
  bool used_ = false;
  uint32_t list_ = 0;         // number of the list's record
  Port* port_ = nullptr;      // of the requests kept back
  Port* notified_ = nullptr;  // of the list's event
};

// Stores the status of what is done, and queues events. AS-safe; does nothing in a handler that
// interrupted a section of the source's own.
void aio_harvest();

// Is the request of this control block in flight?
bool aio_is_flying(uint64_t object);

// Sleeps until `done` says so. It is asked with the lock of the source, after each harvest.
//   every_ns  0, or how often it is asked even if nothing was harvested
// AS-safe. Errors: EINTR (also from a handler that interrupted a section of the source's own),
// EAGAIN (the deadline).
Result<void> aio_wait(bool (*done)(void*), void* context, Deadline deadline, int64_t every_ns);

// Asks the kernel to cancel the request of a control block, or (0) all of a descriptor; those
// cancelled are done, with ECANCELED, when it returns.
enum class AioCancelled { kAll, kNotAll, kNoneFlying };
AioCancelled aio_cancel_requests(int fd, uint64_t object);

}  // namespace portc
