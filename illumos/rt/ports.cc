// SPDX-License-Identifier: MIT
//
// Ports are libportc's. What differs: the error numbers, a few of poll's bits, the ids of timers
// and requests, and what a socket with an error or at its end looks like.
//
// Source: port_create(3C) and its kind of illumos; illumos uts/common/fs/sockfs/sockcommon_sops.c,
// so_poll().
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "illumos/rt/errno.h"
#include "illumos/rt/poll_events.h"
#include "illumos/rt/realtime.h"
#include "include/port.h"

namespace portc::illumos {
namespace {

bool is_socket(int fd) {
  int type;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

// Has it ever been connected? A TCP socket whose connection is over says it by what it has sent.
bool was_connected(int fd) {
  sockaddr_storage peer;
  socklen_t size = sizeof peer;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0) return true;
  tcp_info info = {};
  size = sizeof info;
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_bytes_acked != 0;
}

// An error of a socket makes it readable and writable, and nothing else; it has hung up when both
// directions have ended, and is not writable then.
int socket_events(int fd, int events) {
  if ((events & POLLERR) != 0) {
    events &= ~POLLERR;
    if ((events & (POLLIN | POLLRDNORM | POLLOUT)) == 0) events |= POLLIN | POLLRDNORM | POLLOUT;
  }
  if ((events & POLLHUP) == 0) return events;
  if (was_connected(fd)) return events & ~POLLOUT;
  return (events & ~POLLHUP) != 0 ? events & ~POLLHUP : events;
}

void event_to_guest(port_event_t& event) {
  switch (event.portev_source) {
    case PORT_SOURCE_FD: {
      const int events = poll_to_guest(event.portev_events);
      const int fd = static_cast<int>(event.portev_object);
      event.portev_events =
          (events & (POLLERR | POLLHUP)) != 0 && is_socket(fd) ? socket_events(fd, events) : events;
      break;
    }
    case PORT_SOURCE_TIMER:
      event.portev_object = timer_object_to_guest(event.portev_object);
      break;
    case PORT_SOURCE_AIO:
      event.portev_object = aio_object_to_guest(event.portev_object);
      break;
    default:
      break;
  }
}

// Looking at a socket must leave no trace.
void events_to_guest(port_event_t* list, uint_t count) {
  const int kept = errno;
  for (uint_t i = 0; i < count; ++i) event_to_guest(list[i]);
  errno = kept;
}

int result(int r) {
  if (r < 0) set_guest_errno();
  return r;
}

}  // namespace

extern "C" {

int il_port_associate(int port, int source, uintptr_t object, int events, void* user) {
  if (source == PORT_SOURCE_FD) events = poll_to_host(events);
  return result(port_associate(port, source, object, events, user));
}

int il_port_get(int port, port_event_t* event, const timespec* timeout) {
  const int r = port_get(port, event, timeout);
  if (r != 0) return result(r);
  events_to_guest(event, 1);
  return 0;
}

// A time that has passed leaves what there was.
int il_port_getn(int port, port_event_t* list, uint_t max, uint_t* nget, const timespec* timeout) {
  const int r = port_getn(port, list, max, nget, timeout);
  const int error = errno;
  if ((r == 0 || error == ETIME) && max != 0 && list != nullptr) events_to_guest(list, *nget);
  return r == 0 ? 0 : fail(error);
}

int il_port_sendn(int* ports, int* errors, uint_t count, int events, void* user) {
  const int r = port_sendn(ports, errors, count, events, user);
  const int error = errno;
  if (r >= 0 && static_cast<uint_t>(r) == count) return r;
  if (errors != nullptr && (r >= 0 || error != EFAULT))
    for (uint_t i = 0; i < count; ++i)
      if (errors[i] != 0) errors[i] = errno_to_guest(errors[i]);
  return r >= 0 ? r : fail(error);
}

}  // extern "C"

}  // namespace portc::illumos
