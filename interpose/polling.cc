// SPDX-License-Identifier: MIT
//
// poll, select and epoll_ctl. The kernel polls a port by itself, since a port is an epoll set;
// we only see to it that queued user events show there (the port becomes exact), and add what an
// epoll set never reports: that a port can be written to.
#include <cerrno>
#include <cstring>

#include "interpose/next.h"
#include "libportc/api/hooks.h"

namespace {

using portc::have_ports;
using portc::may_be_ours;

constexpr short kWriteBits = POLLOUT | POLLWRNORM | POLLWRBAND;

// Ports among `fds` that are ready for writing, as asked.
int prepare(struct pollfd* fds, nfds_t count) {
  const int saved = errno;
  const int writable = portc_private_polling(fds, count);
  errno = saved;
  return writable;
}

// Adds those ports to the result of a poll that has succeeded.
int add_writable(struct pollfd* fds, nfds_t count, int result) {
  if (result < 0) return result;
  for (nfds_t i = 0; i < count; ++i) {
    if ((fds[i].events & kWriteBits) == 0 || !may_be_ours(fds[i].fd) ||
        !portc_private_has_room(fds[i].fd))
      continue;
    if (fds[i].revents == 0) ++result;
    fds[i].revents = static_cast<short>(fds[i].revents | (fds[i].events & (POLLOUT | POLLWRNORM)));
  }
  return result;
}

constexpr struct timespec kZero = {0, 0};

// Ports in `set` that have room, taken out of it. False if there are none.
bool take_writable(int count, fd_set* set, fd_set* writable) {
  bool any = false;
  FD_ZERO(writable);
  if (set == nullptr) return false;
  for (int fd = 0; fd < count && fd < FD_SETSIZE; ++fd) {
    if (!FD_ISSET(fd, set) || !may_be_ours(fd) || !portc_private_has_room(fd)) continue;
    FD_SET(fd, writable);
    any = true;
  }
  return any;
}

void watch_all(int count, const fd_set* set) {
  if (set == nullptr) return;
  for (int fd = 0; fd < count && fd < FD_SETSIZE; ++fd)
    if (FD_ISSET(fd, set) && may_be_ours(fd)) portc_private_watch(fd);
}

int put_back(int count, fd_set* set, const fd_set* writable, int result) {
  if (result < 0) return result;
  for (int fd = 0; fd < count && fd < FD_SETSIZE; ++fd) {
    if (!FD_ISSET(fd, writable) || FD_ISSET(fd, set)) continue;
    FD_SET(fd, set);
    ++result;
  }
  return result;
}

}  // namespace

extern "C" {

PORTC_EXPORT int poll(struct pollfd* fds, nfds_t count, int timeout) {
  if (PORTC_LIKELY(!have_ports())) return PORTC_NEXT(poll)(fds, count, timeout);
  if (prepare(fds, count) == 0) return PORTC_NEXT(poll)(fds, count, timeout);
  return add_writable(fds, count, PORTC_NEXT(poll)(fds, count, 0));
}

PORTC_EXPORT int __poll_chk(struct pollfd* fds, nfds_t count, int timeout, size_t size) {
  if (PORTC_LIKELY(!have_ports())) return PORTC_NEXT(__poll_chk)(fds, count, timeout, size);
  if (prepare(fds, count) == 0) return PORTC_NEXT(__poll_chk)(fds, count, timeout, size);
  return add_writable(fds, count, PORTC_NEXT(__poll_chk)(fds, count, 0, size));
}

PORTC_EXPORT int ppoll(struct pollfd* fds, nfds_t count, const struct timespec* timeout,
                       const sigset_t* mask) {
  if (PORTC_LIKELY(!have_ports())) return PORTC_NEXT(ppoll)(fds, count, timeout, mask);
  if (prepare(fds, count) == 0) return PORTC_NEXT(ppoll)(fds, count, timeout, mask);
  return add_writable(fds, count, PORTC_NEXT(ppoll)(fds, count, &kZero, mask));
}

PORTC_EXPORT int __ppoll_chk(struct pollfd* fds, nfds_t count, const struct timespec* timeout,
                             const sigset_t* mask, size_t size) {
  if (PORTC_LIKELY(!have_ports())) return PORTC_NEXT(__ppoll_chk)(fds, count, timeout, mask, size);
  if (prepare(fds, count) == 0) return PORTC_NEXT(__ppoll_chk)(fds, count, timeout, mask, size);
  return add_writable(fds, count, PORTC_NEXT(__ppoll_chk)(fds, count, &kZero, mask, size));
}

PORTC_EXPORT int select(int count, fd_set* in, fd_set* out, fd_set* except,
                        struct timeval* timeout) {
  if (PORTC_LIKELY(!have_ports())) return PORTC_NEXT(select)(count, in, out, except, timeout);
  watch_all(count, in);
  fd_set writable;
  if (!take_writable(count, out, &writable))
    return PORTC_NEXT(select)(count, in, out, except, timeout);
  struct timeval zero = {0, 0};
  return put_back(count, out, &writable, PORTC_NEXT(select)(count, in, out, except, &zero));
}

PORTC_EXPORT int pselect(int count, fd_set* in, fd_set* out, fd_set* except,
                         const struct timespec* timeout, const sigset_t* mask) {
  if (PORTC_LIKELY(!have_ports()))
    return PORTC_NEXT(pselect)(count, in, out, except, timeout, mask);
  watch_all(count, in);
  fd_set writable;
  if (!take_writable(count, out, &writable))
    return PORTC_NEXT(pselect)(count, in, out, except, timeout, mask);
  return put_back(count, out, &writable, PORTC_NEXT(pselect)(count, in, out, except, &kZero, mask));
}

PORTC_EXPORT int epoll_ctl(int set, int op, int fd, struct epoll_event* event) noexcept {
  if (PORTC_UNLIKELY(may_be_ours(fd)) && op != EPOLL_CTL_DEL) {
    const int saved = errno;
    portc_private_watch(fd);
    errno = saved;
  }
  return PORTC_NEXT(epoll_ctl)(set, op, fd, event);
}

}  // extern "C"
