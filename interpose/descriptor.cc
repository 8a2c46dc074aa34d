// SPDX-License-Identifier: MIT
//
// close, dup and their kind: what happens to descriptor numbers.
//
// Rule for every wrapper: a descriptor that is not ours changes nothing; no lock, no allocation,
// no errno, one table lookup.
#include <fcntl.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstdarg>
#include <cstdint>

#include "interpose/next.h"
#include "libportc/api/hooks.h"

namespace {

using portc::have_ports;
using portc::may_be_ours;

int fail(int error) {
  errno = error;
  return -1;
}

// close(2) and dup2(2) keep errno when they succeed, and so must what we do before.
template <typename Hook>
int with_errno_kept(Hook hook) {
  const int saved = errno;
  const int error = hook();
  errno = saved;
  return error;
}

void note_duplicate(int fd, int made) {
  if (made >= 0) (void)with_errno_kept([&] { return portc_private_duplicated(fd, made), 0; });
}

int replacing(int fd, int onto) {
  if (!may_be_ours(onto)) return 0;
  return with_errno_kept([&] { return portc_private_replacing(fd, onto); });
}

bool duplicates(int command) { return command == F_DUPFD || command == F_DUPFD_CLOEXEC; }

int after_fcntl(int result, int fd, int command) {
  if (result < 0 || !may_be_ours(fd)) return result;
  if (duplicates(command))
    note_duplicate(fd, result);
  else if (command == F_SETFD)
    (void)with_errno_kept([&] { return portc_private_cloexec_changed(fd), 0; });
  return result;
}

// With a table of its own, a thread closes nothing that the others have.
bool closes_for_all(int flags) {
  if ((flags & CLOSE_RANGE_CLOEXEC) != 0) return false;
  return (flags & CLOSE_RANGE_UNSHARE) == 0 || !portc_private_has_threads();
}

int close_parts(unsigned first, unsigned last, int flags) {
  PortcRange range = {first, last, 0, 0, closes_for_all(flags), false};
  int result = 0;
  while (result == 0 && with_errno_kept([&] { return portc_private_next_part(&range); }) != 0) {
    result = PORTC_NEXT(close_range)(range.part_first, range.part_last, flags);
    portc_private_part_closed(&range);
  }
  if (!range.closing && result == 0)
    (void)with_errno_kept([] { return portc_private_cloexec_changed(-1), 0; });
  return result;
}

}  // namespace

extern "C" {

PORTC_EXPORT int close(int fd) {
  if (PORTC_UNLIKELY(fd < 0)) {
    portc_private_probed(fd);
  } else if (PORTC_UNLIKELY(may_be_ours(fd))) {
    const int error = with_errno_kept([&] { return portc_private_closing(fd); });
    if (error != 0) return fail(error);
    const int result = PORTC_NEXT(close)(fd);
    portc_private_closed(fd);
    return result;
  }
  return PORTC_NEXT(close)(fd);
}

PORTC_EXPORT int dup(int fd) noexcept {
  const int made = PORTC_NEXT(dup)(fd);
  if (PORTC_UNLIKELY(may_be_ours(fd))) note_duplicate(fd, made);
  return made;
}

PORTC_EXPORT int dup2(int fd, int onto) noexcept {
  const int error = replacing(fd, onto);
  if (error != 0) return fail(error);
  const int made = PORTC_NEXT(dup2)(fd, onto);
  if (PORTC_UNLIKELY(may_be_ours(onto))) portc_private_closed(onto);
  if (PORTC_UNLIKELY(may_be_ours(fd))) note_duplicate(fd, made);
  return made;
}

PORTC_EXPORT int dup3(int fd, int onto, int flags) noexcept {
  const int error = (flags & ~O_CLOEXEC) == 0 ? replacing(fd, onto) : 0;
  if (error != 0) return fail(error);
  const int made = PORTC_NEXT(dup3)(fd, onto, flags);
  if (PORTC_UNLIKELY(may_be_ours(onto))) portc_private_closed(onto);
  if (PORTC_UNLIKELY(may_be_ours(fd))) note_duplicate(fd, made);
  return made;
}

PORTC_EXPORT int close_range(unsigned first, unsigned last, int flags) noexcept {
  constexpr int kKnown = CLOSE_RANGE_CLOEXEC | CLOSE_RANGE_UNSHARE;
  if (!have_ports() || first > last || (flags & ~kKnown) != 0)
    return PORTC_NEXT(close_range)(first, last, flags);
  return close_parts(first, last, flags);
}

PORTC_EXPORT void closefrom(int low) noexcept {
  if (!have_ports())
    PORTC_NEXT(closefrom)(low);
  else
    (void)close_parts(low < 0 ? 0u : static_cast<unsigned>(low), UINT32_MAX, 0);
}

PORTC_EXPORT int fcntl(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  void* const argument = va_arg(list, void*);  // whatever it is, it travels in one register
  va_end(list);
  return after_fcntl(PORTC_NEXT(fcntl)(fd, command, argument), fd, command);
}

PORTC_EXPORT int fcntl64(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  void* const argument = va_arg(list, void*);
  va_end(list);
  return after_fcntl(PORTC_NEXT(fcntl64)(fd, command, argument), fd, command);
}

PORTC_EXPORT int ioctl(int fd, unsigned long request, ...) noexcept {
  va_list list;
  va_start(list, request);
  void* const argument = va_arg(list, void*);
  va_end(list);
  const int result = PORTC_NEXT(ioctl)(fd, request, argument);
  if ((request == FIOCLEX || request == FIONCLEX) && result == 0 && may_be_ours(fd))
    (void)with_errno_kept([&] { return portc_private_cloexec_changed(fd), 0; });
  return result;
}

PORTC_EXPORT int fstat(int fd, struct stat* st) noexcept {
  if (PORTC_UNLIKELY(may_be_ours(fd)) && portc_private_stat(fd, st)) return 0;
  return PORTC_NEXT(fstat)(fd, st);
}

static_assert(sizeof(struct stat) == sizeof(struct stat64), "one layout on 64-bit systems");

PORTC_EXPORT int fstat64(int fd, struct stat64* st) noexcept {
  if (PORTC_UNLIKELY(may_be_ours(fd)) && portc_private_stat(fd, reinterpret_cast<struct stat*>(st)))
    return 0;
  return PORTC_NEXT(fstat64)(fd, st);
}

PORTC_EXPORT int __fxstat(int version, int fd, struct stat* st) {
  if (PORTC_UNLIKELY(may_be_ours(fd)) && portc_private_stat(fd, st)) return 0;
  return PORTC_NEXT(__fxstat)(version, fd, st);
}

PORTC_EXPORT int __fxstat64(int version, int fd, struct stat64* st) {
  if (PORTC_UNLIKELY(may_be_ours(fd)) && portc_private_stat(fd, reinterpret_cast<struct stat*>(st)))
    return 0;
  return PORTC_NEXT(__fxstat64)(version, fd, st);
}

}  // extern "C"
