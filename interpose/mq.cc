// SPDX-License-Identifier: MIT
//
// Message queues that notify a port. Until the process registers one, a call costs one load and a
// branch more than libc's.
#include "libportc/api/mq.h"

#include <mqueue.h>

#include <cerrno>

#include "include/port.h"
#include "interpose/next.h"
#include "libportc/source/mq.h"

namespace {

bool none_marked() {
  return portc::portc_private_mq_marks.load(std::memory_order_relaxed) == nullptr;
}

int notify_beside_ports(mqd_t queue, const struct sigevent* event) {
  if (event == nullptr) {
    const int error = portc_private_mq_ending(queue);
    if (error == 0) return 0;
    if (error > 0) {
      errno = error;
      return -1;
    }
  }
  const int result = PORTC_NEXT(mq_notify)(queue, event);
  if (result == 0 && event != nullptr) portc_private_mq_taken(queue);
  return result;
}

}  // namespace

extern "C" {

PORTC_EXPORT int mq_notify(mqd_t queue, const struct sigevent* event) noexcept {
  if (event != nullptr && event->sigev_notify == SIGEV_PORT)
    return portc_private_mq_notify(queue, event);
  if (PORTC_LIKELY(none_marked())) return PORTC_NEXT(mq_notify)(queue, event);
  return notify_beside_ports(queue, event);
}

PORTC_EXPORT int mq_close(mqd_t queue) noexcept {
  if (PORTC_UNLIKELY(!none_marked())) portc_private_mq_closing(queue);
  return PORTC_NEXT(mq_close)(queue);
}

}  // extern "C"
