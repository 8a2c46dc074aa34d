// SPDX-License-Identifier: MIT
//
// What does the work of asynchronous requests: io_uring where the kernel allows it, its older
// native interface (the one libaio wraps) where it does not. One engine per process, chosen when
// the first request is made, and given up when the last port that used it has been closed.
//
// The engines speak to the kernel directly, through its own headers: liburing and libaio would
// allocate, are not told of forks and of descriptors that have to move, and every program that
// links libportc.a would have to link them, too.
#pragma once

#include <cstdint>

#include "libportc/source/aio_table.h"

namespace portc {

struct AioEngine {
  const char* name;  // in PORTC_AIO_ENGINE

  // Makes it; its descriptor to poll, close-on-exec, readable while something can be harvested.
  // Errors: the kernel's.
  Result<int> (*open)();

  // The descriptor has this number now.
  void (*moved)(int fd);

  // Gives up what open() made, with nothing in flight. Closes the descriptor, if moved() told of
  // it.
  void (*close)();

  // In a fork child: it is the parent's. Its descriptors close, its memory is not there.
  void (*forget)();

  // May something be harvested? Looks at memory only. With aio_lock.
  bool (*pending)();

  // Starts requests. errors[i] is 0, EAGAIN if the engine had no room, or what the kernel said
  // about the request. May finish some in the caller's time. With aio_lock if `locked`; without
  // it, those started may be done, and their records used anew, when it returns.
  void (*submit)(AioRecord* const records[], int errors[], uint32_t count);
  bool locked;

  // The request was not done at once. With aio_lock.
  void (*flying)(AioRecord& record);

  // Calls aio_finish() for all that are done. With aio_lock.
  void (*harvest)();

  // 0 (it will be harvested with ECANCELED), EALREADY or ENOENT (it goes on). With aio_lock.
  int (*cancel)(AioRecord& record);
};

extern const AioEngine kUringEngine;
extern const AioEngine kNativeEngine;

// The most that is passed to submit() at once.
constexpr uint32_t kAioBatch = 64;

// The request is done: `result` is a count or -errno. Stores the status, and leaves the events it
// makes for whoever harvests. With aio_lock.
void aio_finish(AioRecord& record, int64_t result);

// For engines: what `fd` is, and whether it still is that; false if it was not asked.
void aio_identify(AioRecord& record);
bool aio_same_file(const AioRecord& record);

// As read(2) would.
constexpr uint64_t kMostBytes = 0x7ffff000;

}  // namespace portc
