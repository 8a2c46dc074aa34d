// SPDX-License-Identifier: MIT
#include "libportc/core/passing.h"

#include <sys/socket.h>

#include <cstring>

#include "libportc/base/sys.h"
#include "libportc/core/attach.h"
#include "libportc/core/hidden.h"
#include "libportc/core/registry.h"

namespace portc {
namespace {

// SO_RCVLOWAT of a datagram socket does nothing and travels with it: one getsockopt tells a bag
// from any other descriptor.
constexpr int kBagMark = 0x70'6f'72'74;
constexpr int kBagFds = 4;

struct BagMessage {
  uint64_t magic = 0x31'67'61'62'2d'63'70;  // "pc-bag1"
  struct iovec iov;
  alignas(struct cmsghdr) char control[CMSG_SPACE(kBagFds * sizeof(int))];
  struct msghdr header;

  BagMessage() : iov{&magic, sizeof magic}, control{}, header{} {
    header.msg_iov = &iov;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
};

void close_all(const int* fds, int count) {
  for (int i = 0; i < count; ++i)
    if (fds[i] >= 0) (void)sys::close(fds[i]);
}

Result<void> fill(int socket, const int (&fds)[kBagFds]) {
  BagMessage message;
  struct cmsghdr* c = CMSG_FIRSTHDR(&message.header);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof fds);
  memcpy(CMSG_DATA(c), fds, sizeof fds);
  return sys::as_void(sys::raw(SYS_sendmsg, socket, sys::arg(&message.header), MSG_NOSIGNAL));
}

// The socket is not of our making, perhaps: with SO_PASSPIDFD a message brings a descriptor that
// its sender did not send.
bool has_descriptors(const struct cmsghdr& c) {
  constexpr int kScmPidfd = 4;  // SCM_PIDFD, Linux 6.5; unknown to older headers
  return c.cmsg_level == SOL_SOCKET && (c.cmsg_type == SCM_RIGHTS || c.cmsg_type == kScmPidfd);
}

// A bag on its way is a holder. Threads that are inside now have entered when there was no other.
void expose(Port& port) {
  const PortGuard guard(port, Purpose::kGiveUp);
  const uint32_t before = port.segment.header().flags.fetch_or(kFlagShared);
  // Who sleeps as the only user must look around from now on, and would not be told by a joiner.
  if ((before & kFlagShared) == 0) sys::eventfd_ring(port.wake_fd);
  port_expose(port);
}

// Looks into the bag without emptying it: other processes may hold it, too.
// Takes the registry's lock: what is inside may be more than fits under the program's limit.
// Errors: EBADFD (not what a bag contains), EMFILE.
Result<void> peek(int bag, int (&fds)[kBagFds]) {
  LocalLockGuard guard(registry_lock);
  const HiddenRange range;
  BagMessage message;
  const uint64_t magic = message.magic;
  message.magic = 0;
  const long r = sys::raw(SYS_recvmsg, bag, sys::arg(&message.header),
                          MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (r < 0) return Errno{EBADFD};
  bool found = false;
  for (struct cmsghdr* c = CMSG_FIRSTHDR(&message.header); c != nullptr;
       c = CMSG_NXTHDR(&message.header, c)) {
    if (!has_descriptors(*c)) continue;
    int given[kBagFds];
    const size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(given, CMSG_DATA(c), (count < kBagFds ? count : kBagFds) * sizeof(int));
    if (found || message.magic != magic || c->cmsg_type != SCM_RIGHTS || count != kBagFds) {
      close_all(given, static_cast<int>(count));
      continue;
    }
    memcpy(fds, given, sizeof given);
    found = true;
  }
  if (found) return {};
  return Errno{(message.header.msg_flags & MSG_CTRUNC) != 0 ? EMFILE : EBADFD};
}

}  // namespace

Result<int> bag_make(int fd) {
  Result<PortRef> port = port_acquire(fd);
  if (!port) return Errno{port.error()};
  int pair[2];
  const long r = sys::raw(SYS_socketpair, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sys::arg(pair));
  if (r < 0) return Errno{static_cast<int>(-r)};
  Port& p = **port;
  expose(p);
  const int fds[kBagFds] = {fd, p.memory_fd, p.doorbell_fd, p.wake_fd};
  Result<void> filled = fill(pair[1], fds);
  if (filled)
    filled = sys::as_void(sys::raw(SYS_setsockopt, pair[0], SOL_SOCKET, SO_RCVLOWAT,
                                   sys::arg(&kBagMark), sizeof kBagMark));
  (void)sys::close(pair[1]);
  if (!filled) {
    (void)sys::close(pair[0]);
    return Errno{filled.error()};
  }
  return pair[0];
}

bool bag_recognise(int fd) {
  int mark = 0;
  unsigned size = sizeof mark;
  return sys::raw(SYS_getsockopt, fd, SOL_SOCKET, SO_RCVLOWAT, sys::arg(&mark), sys::arg(&size)) ==
             0 &&
         mark == kBagMark;
}

Result<PortRef> bag_open(int fd) {
  int fds[kBagFds];
  if (!bag_recognise(fd)) return Errno{EBADFD};
  const Result<void> looked = peek(fd, fds);
  if (!looked) return Errno{looked.error()};
  Result<PortRef> port = Errno{ENOMEM};
  {
    LocalLockGuard guard(registry_lock);
    const Result<void> ready = port_prepare();
    if (ready) {
      port = port_adopt(fds[0], {fds[1], fds[2], fds[3]}, fd);
    } else {
      port = Errno{ready.error()};
      close_all(fds, kBagFds);
    }
  }
  if (port) hidden_mirror_cloexec(**port);
  return port;
}

}  // namespace portc
