// SPDX-License-Identifier: MIT
//
// The seam between the wrappers and the runtime. The wrappers are in the program's own
// libportc.so.1 or in the preload object; the runtime is always in libportc.so.1. These names are
// private to the two, and change with them.
#pragma once

#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>

#include "libportc/base/export.h"
#include "libportc/core/registry.h"

namespace portc {

// Is the number worth a question? One load and a branch in a program without ports, one more
// load in any other.
inline bool may_be_ours(int fd) {
  const DescriptorRecord* record = descriptor_record(fd);
  if (PORTC_LIKELY(record == nullptr)) return false;
  return record->port.load(std::memory_order_relaxed) != nullptr ||
         record->associated.load(std::memory_order_relaxed) != 0;
}

inline bool have_ports() {
  return portc_private_descriptors.load(std::memory_order_relaxed) != nullptr;
}

}  // namespace portc

extern "C" {

// close(fd) is next. 0, or the errno to fail with instead.
PORTC_EXPORT int portc_private_closing(int fd);
// The number has been closed, or replaced, or not.
PORTC_EXPORT void portc_private_closed(int fd);
// close() got a number that is none: our wrappers are in effect if it is portc::kProbeFd.
PORTC_EXPORT void portc_private_probed(int fd);

// dup2(fd, onto) is next. 0, or the errno to fail with instead.
PORTC_EXPORT int portc_private_replacing(int fd, int onto);
PORTC_EXPORT void portc_private_duplicated(int fd, int made);
// FD_CLOEXEC of fd has changed; -1: that of many.
PORTC_EXPORT void portc_private_cloexec_changed(int fd);

// The next part of [first, last] that may really be closed: reports the closing of every
// descriptor in it. False at the end; `first` is moved on.
struct PortcRange {
  unsigned first;
  unsigned last;
  unsigned part_first;
  unsigned part_last;
  bool closing;  // or only marked close-on-exec
  bool done;
};
PORTC_EXPORT bool portc_private_next_part(PortcRange* range);
// CLOSE_RANGE_UNSHARE: is it this thread alone that closes, in a table of its own?
PORTC_EXPORT bool portc_private_has_threads();

// It has been closed.
PORTC_EXPORT void portc_private_part_closed(const PortcRange* range);

// Ports among the descriptors about to be polled become exact. The number of ports that are
// ready for writing, as asked; zero if there are none, or no ports at all.
PORTC_EXPORT int portc_private_polling(struct pollfd* fds, nfds_t count);
PORTC_EXPORT void portc_private_watch(int fd);
PORTC_EXPORT bool portc_private_has_room(int fd);

// What fstat says of a port; false for anything else.
PORTC_EXPORT bool portc_private_stat(int fd, struct stat* st);

// A descriptor to send over a socket in the place of the port `fd`, and to close afterwards.
// -1: fd is not a port. -1 - errno: it is, and cannot be sent.
PORTC_EXPORT int portc_private_pack(int fd);
// What has to go where the port `fd` goes: the numbers of its hidden descriptors, and their count,
// which is 0 if fd is not a port.
PORTC_EXPORT int portc_private_hidden(int fd, int (&hidden)[3]);
// A descriptor that has arrived over a socket.
PORTC_EXPORT void portc_private_received(int fd);

// Can the program's memory be read? EFAULT is the kernel's to say.
PORTC_EXPORT bool portc_private_readable(const void* address, size_t size);

// The process is about to execute a program. True if portc_private_not_executed() must follow when
// that fails.
PORTC_EXPORT bool portc_private_executing();
PORTC_EXPORT void portc_private_not_executed();

// A thread has been cancelled.
PORTC_EXPORT void portc_private_cancelled(pthread_t thread);

// The process ends without running exit handlers.
PORTC_EXPORT void portc_private_exiting();

}  // extern "C"
