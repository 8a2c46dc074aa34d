// SPDX-License-Identifier: MIT
//
// A queue's descriptor is a pointer on illumos; here it is the number of Linux's, which is also
// what events of ports name.
//
// Source: mq_open(3C), mq_notify(3C), mq_timedreceive(3C) of illumos.
#include <fcntl.h>
#include <mqueue.h>

#include "illumos/abi/realtime.h"
#include "illumos/rt/cancel.h"
#include "illumos/rt/deadline.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"
#include "illumos/rt/signal_frames.h"
#include "include/port.h"

namespace portc::illumos {
namespace {

constexpr int64_t kGuestNonBlock = 0x80;
constexpr Number kOpenFlags[] = {
    {O_WRONLY, 0x1}, {O_RDWR, 0x2}, {O_NONBLOCK, kGuestNonBlock}, {O_CREAT, 0x100}, {O_EXCL, 0x400},
};

mqd_t to_host(void* queue) { return static_cast<mqd_t>(reinterpret_cast<intptr_t>(queue)); }

template <typename T>
T result(T r) {
  if (r < 0) set_guest_errno();
  return r;
}

// The end of a wait, by the time of day.
timespec from_now(const timespec& left) {
  constexpr long kSecond = 1000000000;
  timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  time.tv_sec += left.tv_sec;
  time.tv_nsec += left.tv_nsec;
  if (time.tv_nsec >= kSecond) {
    time.tv_nsec -= kSecond;
    ++time.tv_sec;
  }
  return time;
}

mq_attr attributes_to_host(const abi::MqAttr& guest) {
  mq_attr host = {};
  host.mq_flags = (guest.flags & kGuestNonBlock) != 0 ? O_NONBLOCK : 0;
  host.mq_maxmsg = guest.max_messages;
  host.mq_msgsize = guest.message_size;
  return host;
}

void attributes_to_guest(const mq_attr& host, abi::MqAttr& guest) {
  guest = {};
  guest.flags = (host.mq_flags & O_NONBLOCK) != 0 ? kGuestNonBlock : 0;
  guest.max_messages = host.mq_maxmsg;
  guest.message_size = host.mq_msgsize;
  guest.messages = host.mq_curmsgs;
}

}  // namespace

extern "C" {

void* il_mq_open(const char* name, int flags, uint32_t mode, const abi::MqAttr* attributes) {
  int64_t unknown = 0;
  const int host_flags_ = static_cast<int>(host_flags(kOpenFlags, flags, unknown));
  mq_attr host;
  const bool given = (host_flags_ & O_CREAT) != 0 && attributes != nullptr;
  if (given) host = attributes_to_host(*attributes);
  const mqd_t queue = mq_open(name, host_flags_, mode, given ? &host : nullptr);
  return reinterpret_cast<void*>(static_cast<intptr_t>(result(queue)));
}

int il_mq_close(void* queue) { return result(mq_close(to_host(queue))); }

int il_mq_send(void* queue, const char* text, size_t size, uint32_t priority) {
  const CancelPoint point;
  return result(mq_send(to_host(queue), text, size, priority));
}
int il_mq_timedsend(void* queue, const char* text, size_t size, uint32_t priority,
                    const timespec* time) {
  const CancelPoint point;
  return result(mq_timedsend(to_host(queue), text, size, priority, time));
}
int il_mq_reltimedsend_np(void* queue, const char* text, size_t size, uint32_t priority,
                          const timespec* left) {
  const timespec time = from_now(*left);
  return il_mq_timedsend(queue, text, size, priority, &time);
}

long il_mq_receive(void* queue, char* text, size_t size, uint32_t* priority) {
  const CancelPoint point;
  return result(mq_receive(to_host(queue), text, size, priority));
}
long il_mq_timedreceive(void* queue, char* text, size_t size, uint32_t* priority,
                        const timespec* time) {
  const CancelPoint point;
  return result(mq_timedreceive(to_host(queue), text, size, priority, time));
}
long il_mq_reltimedreceive_np(void* queue, char* text, size_t size, uint32_t* priority,
                              const timespec* left) {
  const timespec time = from_now(*left);
  return il_mq_timedreceive(queue, text, size, priority, &time);
}

int il_mq_notify(void* queue, const abi::SigEvent* event) {
  sigevent host;
  if (event != nullptr && !event_to_host(*event, host)) return fail(EINVAL);
  return result(mq_notify(to_host(queue), event != nullptr ? &host : nullptr));
}

int il_mq_getattr(void* queue, abi::MqAttr* attributes) {
  mq_attr host;
  if (mq_getattr(to_host(queue), &host) != 0) return result(-1);
  attributes_to_guest(host, *attributes);
  return 0;
}

int il_mq_setattr(void* queue, const abi::MqAttr* next, abi::MqAttr* before) {
  const mq_attr wanted = attributes_to_host(*next);
  mq_attr was;
  if (mq_setattr(to_host(queue), &wanted, &was) != 0) return result(-1);
  if (before != nullptr) attributes_to_guest(was, *before);
  return 0;
}

}  // extern "C"

}  // namespace portc::illumos
