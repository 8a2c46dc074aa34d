// SPDX-License-Identifier: MIT
//
// aio_read and its kind. A request is the runtime's if its notification is SIGEV_PORT; any other
// goes to the next definition untouched. The status of both kinds is in the control block.
#include "libportc/api/aio.h"

#include <aio.h>

#include <cerrno>
#include <cstddef>

#include "interpose/next.h"
#include "libportc/api/hooks.h"

namespace {

static_assert(sizeof(struct aiocb) == sizeof(struct aiocb64) &&
                  offsetof(struct aiocb, aio_offset) == offsetof(struct aiocb64, aio_offset),
              "one layout on 64-bit systems");

int to_c(int error) {
  if (error == 0) return 0;
  errno = error;
  return -1;
}

struct aiocb* plain(struct aiocb64* cb) {
  return reinterpret_cast<struct aiocb*>(cb);
}
const struct aiocb* plain(const struct aiocb64* cb) {
  return reinterpret_cast<const struct aiocb*>(cb);
}
struct aiocb* const* plain(struct aiocb64* const* list) {
  return reinterpret_cast<struct aiocb* const*>(list);
}
const struct aiocb* const* plain(const struct aiocb64* const* list) {
  return reinterpret_cast<const struct aiocb* const*>(list);
}

// glibc takes a lock to read the status of a request, and a signal handler could meet it: the
// block itself says whose it is.
bool has_port(const struct aiocb* cb) { return cb->aio_sigevent.sigev_notify == SIGEV_PORT; }

// Without a control block there is nothing the next definition could do with it but crash.
bool ours(const struct aiocb* cb) {
  asm("" : "+r"(cb));  // glibc declares it nonnull, and the compiler would believe that
  if (PORTC_UNLIKELY(cb == nullptr)) return portc::have_ports();
  return PORTC_UNLIKELY(has_port(cb));
}

bool flying() { return portc_private_aio_flying.load(std::memory_order_acquire) != 0; }

int error_of(const struct aiocb* cb) {
  return __atomic_load_n(&cb->__error_code, __ATOMIC_ACQUIRE);
}

// One that is still in flight may be done already.
void refresh(const struct aiocb* cb) {
  if (PORTC_UNLIKELY(flying()) && error_of(cb) == EINPROGRESS) portc_private_aio_harvest();
}

int read_next(struct aiocb* cb) { return PORTC_NEXT(aio_read)(cb); }
int write_next(struct aiocb* cb) { return PORTC_NEXT(aio_write)(cb); }

constexpr PortcAioNext kNext = {read_next, write_next};

int list_of(int mode, struct aiocb* const* list, int count, struct sigevent* notice) {
  return portc::have_ports() ? portc_private_aio_list(mode, list, count, notice, &kNext) : -1;
}

int suspended(const struct aiocb* const* list, int count, const struct timespec* timeout) {
  return PORTC_UNLIKELY(flying()) ? portc_private_aio_suspend(list, count, timeout) : -1;
}

// What both kinds have to say about a cancellation.
int combine(int ours, int theirs) {
  if (theirs < 0) return theirs;
  if (ours == AIO_NOTCANCELED || theirs == AIO_NOTCANCELED) return AIO_NOTCANCELED;
  return ours == AIO_CANCELED || theirs == AIO_CANCELED ? AIO_CANCELED : AIO_ALLDONE;
}

// True if `result` is final; otherwise it is to be combined with the next definition's.
bool cancelled(int fd, struct aiocb* cb, int& result) {
  result = AIO_ALLDONE;
  if (PORTC_LIKELY(!flying())) return false;
  result = portc_private_aio_cancel(fd, cb);
  if (result < 0) {
    result = to_c(-result);
    return true;
  }
  return cb != nullptr && result != AIO_ALLDONE;
}

}  // namespace

extern "C" {

PORTC_EXPORT int aio_read(struct aiocb* cb) noexcept {
  if (ours(cb)) return to_c(portc_private_aio_start(cb, LIO_READ));
  return PORTC_NEXT(aio_read)(cb);
}

PORTC_EXPORT int aio_read64(struct aiocb64* cb) noexcept {
  if (ours(plain(cb))) return to_c(portc_private_aio_start(plain(cb), LIO_READ));
  return PORTC_NEXT(aio_read64)(cb);
}

PORTC_EXPORT int aio_write(struct aiocb* cb) noexcept {
  if (ours(cb)) return to_c(portc_private_aio_start(cb, LIO_WRITE));
  return PORTC_NEXT(aio_write)(cb);
}

PORTC_EXPORT int aio_write64(struct aiocb64* cb) noexcept {
  if (ours(plain(cb))) return to_c(portc_private_aio_start(plain(cb), LIO_WRITE));
  return PORTC_NEXT(aio_write64)(cb);
}

PORTC_EXPORT int aio_fsync(int op, struct aiocb* cb) noexcept {
  if (ours(cb)) return to_c(portc_private_aio_fsync(op, cb));
  return PORTC_NEXT(aio_fsync)(op, cb);
}

PORTC_EXPORT int aio_fsync64(int op, struct aiocb64* cb) noexcept {
  if (ours(plain(cb))) return to_c(portc_private_aio_fsync(op, plain(cb)));
  return PORTC_NEXT(aio_fsync64)(op, cb);
}

PORTC_EXPORT int lio_listio(int mode, struct aiocb* const list[], int count,
                            struct sigevent* notice) noexcept {
  const int error = list_of(mode, list, count, notice);
  return error >= 0 ? to_c(error) : PORTC_NEXT(lio_listio)(mode, list, count, notice);
}

PORTC_EXPORT int lio_listio64(int mode, struct aiocb64* const list[], int count,
                              struct sigevent* notice) noexcept {
  const int error = list_of(mode, plain(list), count, notice);
  return error >= 0 ? to_c(error) : PORTC_NEXT(lio_listio64)(mode, list, count, notice);
}

PORTC_EXPORT int aio_error(const struct aiocb* cb) noexcept {
  refresh(cb);
  return has_port(cb) ? error_of(cb) : PORTC_NEXT(aio_error)(cb);
}

PORTC_EXPORT int aio_error64(const struct aiocb64* cb) noexcept {
  refresh(plain(cb));
  return has_port(plain(cb)) ? error_of(plain(cb)) : PORTC_NEXT(aio_error64)(cb);
}

PORTC_EXPORT ssize_t aio_return(struct aiocb* cb) noexcept {
  refresh(cb);
  return has_port(cb) ? cb->__return_value : PORTC_NEXT(aio_return)(cb);
}

PORTC_EXPORT ssize_t aio_return64(struct aiocb64* cb) noexcept {
  refresh(plain(cb));
  return has_port(plain(cb)) ? cb->__return_value : PORTC_NEXT(aio_return64)(cb);
}

PORTC_EXPORT int aio_suspend(const struct aiocb* const list[], int count,
                             const struct timespec* timeout) {
  const int error = suspended(list, count, timeout);
  return error >= 0 ? to_c(error) : PORTC_NEXT(aio_suspend)(list, count, timeout);
}

PORTC_EXPORT int aio_suspend64(const struct aiocb64* const list[], int count,
                               const struct timespec* timeout) {
  const int error = suspended(plain(list), count, timeout);
  return error >= 0 ? to_c(error) : PORTC_NEXT(aio_suspend64)(list, count, timeout);
}

PORTC_EXPORT int aio_cancel(int fd, struct aiocb* cb) noexcept {
  int result;
  if (cancelled(fd, cb, result)) return result;
  return combine(result, PORTC_NEXT(aio_cancel)(fd, cb));
}

PORTC_EXPORT int aio_cancel64(int fd, struct aiocb64* cb) noexcept {
  int result;
  if (cancelled(fd, plain(cb), result)) return result;
  return combine(result, PORTC_NEXT(aio_cancel64)(fd, cb));
}

}  // extern "C"
