// SPDX-License-Identifier: MIT
#include "libportc/api/mq.h"

#include <cerrno>

#include "include/port.h"
#include "libportc/base/usermem.h"
#include "libportc/core/registry.h"
#include "libportc/source/mq.h"

namespace portc {
namespace {

Result<void> notify(int queue, const struct sigevent& event) {
  const Result<void> is_queue = mq_check(queue);
  if (!is_queue) return is_queue;
  const auto* target = static_cast<const port_notify_t*>(event.sigev_value.sival_ptr);
  if (!user_readable(target, sizeof *target)) return Errno{EFAULT};
  const port_notify_t notify = *target;
  Result<PortRef> port = port_acquire(notify.portnfy_port);
  if (!port) return Errno{port.error()};
  return mq_register(**port, queue, reinterpret_cast<uintptr_t>(notify.portnfy_user));
}

}  // namespace
}  // namespace portc

extern "C" {

int portc_private_mq_notify(int queue, const struct sigevent* event) {
  const portc::Result<void> done = portc::notify(queue, *event);
  if (done) return 0;
  // mq_notify.E: what is open and no port is EBADF here, unlike everywhere else.
  errno = done.error() == EBADFD ? EBADF : done.error();
  return -1;
}

int portc_private_mq_ending(int queue) {
  if (!portc::mq_is_marked(queue)) return -1;
  return portc::mq_unregister(queue).error();
}

void portc_private_mq_taken(int queue) {
  if (portc::mq_is_marked(queue)) portc::mq_unmark(queue);
}

void portc_private_mq_closing(int queue) {
  if (!portc::mq_is_marked(queue)) return;
  (void)portc::mq_unregister(queue);
  portc::mq_unmark(queue);
}

}  // extern "C"
