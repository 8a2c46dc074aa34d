// SPDX-License-Identifier: MIT
//
// Asynchronous requests with SIGEV_PORT in glibc's terms. Their status is kept where glibc keeps
// its own, in the control block, so that both kinds can be asked in the same way.
#include "libportc/api/aio.h"

#include <climits>

#include "libportc/base/abandon_guard.h"
#include "libportc/base/robust_lock.h"
#include "libportc/base/sys.h"
#include "libportc/core/process.h"
#include "libportc/core/registry.h"

namespace portc {
namespace {

// portev_events: the codes of illumos's <sys/asynch.h> [source].
constexpr int32_t kEventRead = 11;
constexpr int32_t kEventWrite = 12;
constexpr int32_t kEventSync = 20;
constexpr int32_t kEventList = 7;

constexpr int kMostEntries = 4096;  // illumos: _AIO_LISTIO_MAX

constexpr int kNotOurs = -1;

uint64_t address(const volatile void* pointer) { return reinterpret_cast<uintptr_t>(pointer); }

bool is_port(const struct sigevent& event) { return event.sigev_notify == SIGEV_PORT; }

const port_notify_t* notify_of(const struct sigevent& event) {
  return static_cast<const port_notify_t*>(event.sigev_value.sival_ptr);
}

int error_of(const struct aiocb* cb) {
  return __atomic_load_n(&cb->__error_code, __ATOMIC_ACQUIRE);
}

void refuse(struct aiocb* cb, int error) {
  cb->__return_value = -1;
  __atomic_store_n(&cb->__error_code, error, __ATOMIC_RELEASE);
}

AioRequest request_of(struct aiocb* cb, AioKind kind, int32_t events) {
  AioRequest request = {};
  request.kind = kind;
  request.fd = cb->aio_fildes;
  request.buffer = address(cb->aio_buf);
  request.length = cb->aio_nbytes;
  request.offset = cb->aio_offset;
  request.object = address(cb);
  request.error = &cb->__error_code;
  request.result = &cb->__return_value;
  request.events = events;
  return request;
}

// The port an event is for, and its cookie. Errors: EFAULT, then EBADF, EBADFD.
// DEVIATION portc(7) aio-bad-port: illumos starts the request and drops the event.
Result<PortRef> port_of(const struct sigevent& event, uint64_t& user) {
  const port_notify_t* notify = notify_of(event);
  if (notify == nullptr) return Errno{EFAULT};
  user = address(notify->portnfy_user);
  return port_acquire(notify->portnfy_port);
}

// 0 or EINVAL: what illumos checks before it starts anything.
int check(const struct aiocb& cb) {
  const bool wrong = cb.aio_reqprio != 0 || cb.aio_offset < 0 || cb.aio_nbytes > SSIZE_MAX;
  return wrong ? EINVAL : 0;
}

Result<void> start_one(struct aiocb* cb, AioKind kind, int32_t events) {
  AioRequest request = request_of(cb, kind, events);
  Result<PortRef> port = port_of(cb->aio_sigevent, request.user);
  if (!port) return Errno{port.error()};
  request.port = port->get();
  return aio_start(request);
}

// --- lists ---

bool is_real(const struct aiocb* cb) { return cb != nullptr && cb->aio_lio_opcode != LIO_NOP; }

bool is_foreign(const struct aiocb& cb) {
  return !is_port(cb.aio_sigevent) && cb.aio_sigevent.sigev_notify != SIGEV_NONE;
}

class ListCall {
 public:
  ListCall(int mode, struct aiocb* const list[], int count, struct sigevent* notice,
           const PortcAioNext& next)
      : waits_(mode == LIO_WAIT), list_(list), count_(count), notice_(notice), next_(next) {}

  int run();

 private:
  void survey();
  bool notifies() const { return !waits_ && notice_ != nullptr && is_port(*notice_); }
  bool crosses() const;
  Result<void> open();
  void start(struct aiocb* cb);
  Result<void> start_ours(struct aiocb* cb);
  int wait();
  static void abandon(void* call);
  static bool foreign_done(void* call);

  const bool waits_;
  struct aiocb* const* const list_;
  const int count_;
  struct sigevent* const notice_;
  const PortcAioNext& next_;

  int ports_ = 0;    // entries with an event of their own
  int foreign_ = 0;  // entries for the next definition
  AioList requests_;
  PortRef notice_port_;
  PortRef port_;  // of the entry started last
  int error_ = 0;
};

// Of a list that is too long, the first entries tell whose it is.
void ListCall::survey() {
  for (int i = 0; i < count_ && i < kMostEntries; ++i) {
    if (!is_real(list_[i])) continue;
    if (is_port(list_[i]->aio_sigevent)) ++ports_;
    if (is_foreign(*list_[i])) ++foreign_;
  }
}

// Who would send the list's notification would have to know when the other's entries are done.
// DEVIATION portc(7) aio-mixed-lists: illumos runs them all itself.
bool ListCall::crosses() const {
  if (waits_) return false;
  if (notifies()) return foreign_ != 0;
  return ports_ != 0 && notice_ != nullptr && notice_->sigev_notify != SIGEV_NONE;
}

Result<void> ListCall::open() {
  if (waits_) return requests_.await();
  if (!notifies()) return {};
  uint64_t user = 0;
  Result<PortRef> port = port_of(*notice_, user);
  if (!port) return Errno{port.error()};
  notice_port_ = port.take();
  return requests_.notify(*notice_port_, address(notice_), user, kEventList);
}

Result<void> ListCall::start_ours(struct aiocb* cb) {
  const bool reads = cb->aio_lio_opcode == LIO_READ;
  if (!reads && cb->aio_lio_opcode != LIO_WRITE) return Errno{EINVAL};
  if (const int wrong = check(*cb)) return Errno{wrong};
  AioRequest request =
      request_of(cb, reads ? AioKind::kRead : AioKind::kWrite, reads ? kEventRead : kEventWrite);
  if (!is_port(cb->aio_sigevent)) return requests_.add(request);
  Result<PortRef> port = port_of(cb->aio_sigevent, request.user);
  if (!port) return Errno{port.error()};
  request.port = port->get();
  const Result<void> added = requests_.add(request);
  port_ = port.take();
  return added;
}

void ListCall::start(struct aiocb* cb) {
  int error = 0;
  if (is_foreign(*cb)) {
    const bool reads = cb->aio_lio_opcode == LIO_READ;
    if ((reads ? next_.read : next_.write)(cb) != 0) error = errno;
  } else {
    const Result<void> started = start_ours(cb);
    if (!started) error = started.error();
    if (error != 0 && error != EBUSY) refuse(cb, error);
  }
  if (error != 0 && error_ != EAGAIN) error_ = error == EAGAIN ? EAGAIN : EIO;
}

bool ListCall::foreign_done(void* argument) {
  const ListCall& call = *static_cast<const ListCall*>(argument);
  for (int i = 0; i < call.count_; ++i)
    if (is_real(call.list_[i]) && is_foreign(*call.list_[i]) &&
        error_of(call.list_[i]) == EINPROGRESS)
      return false;
  return true;
}

// What the frames that are left would have done.
void ListCall::abandon(void* argument) {
  if (lock_is_held()) return;  // in the middle of its work
  ListCall& call = *static_cast<ListCall*>(argument);
  call.requests_.stop_waiting();
  call.~ListCall();
}

int ListCall::wait() {
  const AbandonGuard guard(abandon, this);
  const Result<void> waited = requests_.wait(foreign_ != 0 ? foreign_done : nullptr, this);
  if (!waited) return waited.error();
  for (int i = 0; i < count_; ++i)
    if (is_real(list_[i]) && error_of(list_[i]) != 0) return error_ == EAGAIN ? EAGAIN : EIO;
  return error_;
}

int ListCall::run() {
  if (!notifies() && (list_ == nullptr || count_ <= 0)) return kNotOurs;
  if (list_ != nullptr) survey();
  if (!notifies() && ports_ == 0) return kNotOurs;
  if (count_ <= 0 || count_ > kMostEntries) return EINVAL;
  if (list_ == nullptr) return EFAULT;
  if (crosses()) return ENOTSUP;
  const Result<void> opened = open();
  if (!opened) return opened.error();
  for (int i = 0; i < count_; ++i)
    if (is_real(list_[i])) start(list_[i]);
  requests_.close();
  if (requests_.refused() != 0) error_ = EAGAIN;
  return waits_ ? wait() : error_;
}

// --- waiting ---

struct Suspended {
  const struct aiocb* const* list;
  int count;
};

bool any_done(void* argument) {
  const Suspended& suspended = *static_cast<const Suspended*>(argument);
  for (int i = 0; i < suspended.count; ++i)
    if (suspended.list[i] != nullptr && error_of(suspended.list[i]) != EINPROGRESS) return true;
  return false;
}

Result<Deadline> deadline_of(const struct timespec* timeout) {
  if (timeout == nullptr) return Deadline::never();
  if (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= 1'000'000'000)
    return Errno{EINVAL};
  return Deadline::after(*timeout);
}

}  // namespace
}  // namespace portc

using namespace portc;

extern "C" {

int portc_private_aio_start(struct aiocb* cb, int opcode) {
  if (cb == nullptr) return EINVAL;
  if (const int wrong = check(*cb)) return wrong;
  const bool reads = opcode == LIO_READ;
  const Result<void> started =
      start_one(cb, reads ? AioKind::kRead : AioKind::kWrite, reads ? kEventRead : kEventWrite);
  return started ? 0 : started.error();
}

int portc_private_aio_fsync(int op, struct aiocb* cb) {
  if (op != O_SYNC && op != O_DSYNC) return EINVAL;
  if (cb == nullptr) return 0;
  const Result<void> started =
      start_one(cb, op == O_SYNC ? AioKind::kSync : AioKind::kDataSync, kEventSync);
  return started ? 0 : started.error();
}

int portc_private_aio_list(int mode, struct aiocb* const list[], int count, struct sigevent* notice,
                           const PortcAioNext* next) {
  if (mode != LIO_WAIT && mode != LIO_NOWAIT) return EINVAL;
  process_check();
  return ListCall(mode, list, count, notice, *next).run();
}

void portc_private_aio_harvest() {
  process_check();
  aio_harvest();
}

int portc_private_aio_suspend(const struct aiocb* const list[], int count,
                              const struct timespec* timeout) {
  if (list == nullptr || count <= 0) return kNotOurs;
  process_check();
  aio_harvest();
  Suspended suspended = {list, count};
  if (any_done(&suspended)) return 0;
  int ours = 0;
  int others = 0;
  for (int i = 0; i < count; ++i)
    if (list[i] != nullptr) ++(aio_is_flying(address(list[i])) ? ours : others);
  if (ours == 0) return kNotOurs;
  const Result<Deadline> deadline = deadline_of(timeout);
  if (!deadline) return deadline.error();
  // glibc cannot tell us of its own requests: with those in the list, they are looked at.
  constexpr int64_t kOften = 5'000'000;
  const Result<void> waited = aio_wait(any_done, &suspended, *deadline, others != 0 ? kOften : 0);
  return waited ? 0 : waited.error();
}

int portc_private_aio_cancel(int fd, struct aiocb* cb) {
  process_check();
  if (sys::fcntl(fd, F_GETFD) < 0) return -EBADF;
  if (cb != nullptr && !aio_is_flying(address(cb))) return AIO_ALLDONE;
  if (cb != nullptr && cb->aio_fildes != fd) return -EINVAL;
  switch (aio_cancel_requests(fd, address(cb))) {
    case AioCancelled::kAll:
      return AIO_CANCELED;
    case AioCancelled::kNotAll:
      return AIO_NOTCANCELED;
    case AioCancelled::kNoneFlying:
      break;
  }
  return AIO_ALLDONE;
}

}  // extern "C"
