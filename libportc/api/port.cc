// SPDX-License-Identifier: MIT
//
// The functions of <port.h>: argument checks in illumos's order, translation to and from the
// core's types, errno. The retrieval calls check the rest of their arguments in core/queue.cc,
// because illumos looks at some of them only when it must.
#include "include/port.h"

#include <climits>

#include "libportc/api/file.h"
#include "libportc/api/wrappers.h"
#include "libportc/base/export.h"
#include "libportc/base/usermem.h"
#include "libportc/core/attach.h"
#include "libportc/core/limits.h"
#include "libportc/core/queue.h"
#include "libportc/core/registry.h"
#include "libportc/source/alert.h"
#include "libportc/source/fd.h"
#include "libportc/source/file.h"
#include "libportc/source/user.h"

namespace portc {
namespace {

int fail(int error) {
  errno = error;
  return -1;
}

int to_c(const Result<void>& result) { return result ? 0 : fail(result.error()); }

uint64_t cookie(void* user) { return reinterpret_cast<uintptr_t>(user); }

ushort_t source_number(Source source) {
  switch (source) {
    case Source::kUser:
      return PORT_SOURCE_USER;
    case Source::kFd:
      return PORT_SOURCE_FD;
    case Source::kAlert:
      return PORT_SOURCE_ALERT;
    case Source::kTimer:
      return PORT_SOURCE_TIMER;
    case Source::kAio:
      return PORT_SOURCE_AIO;
    case Source::kMq:
      return PORT_SOURCE_MQ;
    case Source::kFile:
      return PORT_SOURCE_FILE;
    case Source::kNone:
      break;
  }
  return 0;
}

void store(void* element, const Event& event) {
  port_event_t& out = *static_cast<port_event_t*>(element);
  out.portev_events = event.events;
  out.portev_source = source_number(event.source);
  out.portev_object = static_cast<uintptr_t>(event.object);
  out.portev_user = reinterpret_cast<void*>(static_cast<uintptr_t>(event.user));
}

// port_get.E: EFAULT, then EINVAL. tv_nsec of exactly 10^9 is EINVAL, as the source has it.
Result<Deadline> read_timeout(const void* timeout) {
  if (timeout == nullptr) return Deadline::never();
  if (!user_readable(timeout, sizeof(struct timespec))) return Errno{EFAULT};
  const struct timespec ts = *static_cast<const struct timespec*>(timeout);
  if (ts.tv_sec < 0 || ts.tv_nsec < 0 || ts.tv_nsec >= 1'000'000'000) return Errno{EINVAL};
  return Deadline::after(ts);
}

GetRequest request_for(int port, port_event_t* list, uint_t max, uint_t want,
                       const struct timespec* timeout) {
  return {port, max, want, {list, sizeof(port_event_t), store}, read_timeout, timeout};
}

// Errors of a port_sendn, written only if there are any, and then all of them.
class ErrorList {
 public:
  ErrorList(int* errors, uint_t count) : errors_(errors), count_(count) {}

  void set(uint_t index, int error) {
    if (failures_++ == 0) {
      writable_ = user_writable(errors_, count_ * sizeof(int));
      for (uint_t i = 0; writable_ && i < count_; ++i) errors_[i] = 0;
    }
    if (writable_) errors_[index] = error;
  }
  uint_t failures() const { return failures_; }
  bool faulted() const { return failures_ > 0 && !writable_; }

 private:
  int* errors_;
  uint_t count_;
  uint_t failures_ = 0;
  bool writable_ = false;
};

}  // namespace
}  // namespace portc

extern "C" {

PORTC_EXPORT int port_create() {
  using namespace portc;
  const int saved = errno;
  PortLimits limits = limits_now();
  limits.exact = limits.exact || !wrappers_active();
  const Result<int> made = port_make(limits);
  errno = saved;
  return made ? *made : fail(made.error());
}

PORTC_EXPORT int port_associate(int port, int source, uintptr_t object, int events, void* user) {
  using namespace portc;
  Result<PortRef> ref = port_acquire(port);
  if (!ref) return fail(ref.error());
  if (source == PORT_SOURCE_FILE) return to_c(associate_file_object(**ref, object, events, user));
  if (source != PORT_SOURCE_FD) return fail(EINVAL);
  if (object > INT_MAX) return fail(EBADFD);
  return to_c(
      fd_associate(**ref, static_cast<int>(object), static_cast<uint32_t>(events), cookie(user)));
}

PORTC_EXPORT int port_dissociate(int port, int source, uintptr_t object) {
  using namespace portc;
  Result<PortRef> ref = port_acquire(port);
  if (!ref) return fail(ref.error());
  if (source == PORT_SOURCE_FILE) return to_c(file_dissociate(**ref, object));
  if (source != PORT_SOURCE_FD) return fail(EINVAL);
  if (object > INT_MAX) return fail(EBADFD);
  return to_c(fd_dissociate(**ref, static_cast<int>(object)));
}

PORTC_EXPORT int port_get(int port, port_event_t* pe, const struct timespec* timeout) {
  using namespace portc;
  Result<PortRef> ref = port_acquire(port);
  if (!ref) return fail(ref.error());
  if (pe == nullptr) return fail(EFAULT);
  const GetOutcome got = queue_get(**ref, request_for(port, pe, 1, 1, timeout));
  if (got.count == 1) return 0;
  return fail(got.error == 0 ? ETIME : got.error);
}

PORTC_EXPORT int port_getn(int port, port_event_t list[], uint_t max, uint_t* nget,
                           const struct timespec* timeout) {
  using namespace portc;
  if (nget == nullptr) return fail(EINVAL);
  Result<PortRef> ref = port_acquire(port);
  if (!ref) return fail(ref.error());
  const uint_t want = *nget;
  if (max == 0) {
    const Result<uint32_t> queued = queue_count(**ref);
    if (!queued) return fail(queued.error());
    *nget = *queued;
    return 0;
  }
  if (want > max || list == nullptr) return fail(EINVAL);
  if (want == 0) return 0;
  const GetOutcome got = queue_get(**ref, request_for(port, list, max, want, timeout));
  // ETIME delivers what there is, and counts it; any other failure leaves *nget alone.
  if (got.error == 0 || got.error == ETIME) *nget = got.count;
  return got.error == 0 ? 0 : fail(got.error);
}

PORTC_EXPORT int port_send(int port, int events, void* user) {
  using namespace portc;
  Result<PortRef> ref = port_acquire(port);
  if (!ref) return fail(ref.error());
  return to_c(user_send(**ref, events, cookie(user)));
}

PORTC_EXPORT int port_sendn(int ports[], int errors[], uint_t nent, int events, void* user) {
  using namespace portc;
  if (nent == 0) return fail(EINVAL);
  if (!user_readable(ports, nent * sizeof(int))) return fail(EFAULT);
  ErrorList failed(errors, nent);
  for (uint_t i = 0; i < nent; ++i) {
    Result<PortRef> ref = port_acquire(ports[i]);
    const Result<void> sent =
        ref ? user_send(**ref, events, cookie(user)) : Result<void>(Errno{ref.error()});
    if (!sent) failed.set(i, sent.error());
  }
  if (failed.faulted()) return fail(EFAULT);
  return static_cast<int>(nent - failed.failures());
}

PORTC_EXPORT int port_alert(int port, int flags, int events, void* user) {
  using namespace portc;
  Result<PortRef> ref = port_acquire(port);
  if (!ref) return fail(ref.error());
  if (events == 0) return to_c(alert_clear(**ref));
  const int mode = flags & PORT_ALERT_INVALID;
  if (mode == PORT_ALERT_INVALID) return fail(EINVAL);
  return to_c(alert_set(**ref, mode == PORT_ALERT_UPDATE, events, cookie(user)));
}

}  // extern "C"
