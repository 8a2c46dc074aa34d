// SPDX-License-Identifier: MIT
//
// SCM_RIGHTS. On the way out, each port in a control message is replaced by a bag, a descriptor
// that carries all of the port; on the way in, each bag by the port. See core/passing.h.
#include <cerrno>
#include <cstring>

#include "interpose/next.h"
#include "libportc/api/hooks.h"

namespace {

constexpr size_t kControlRoom = 4096;  // the kernel's limit of 253 descriptors takes a quarter
constexpr int kMostFds = 253;          // SCM_MAX_FD

bool carries_fds(const struct cmsghdr* c) {
  return c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len >= CMSG_LEN(0);
}

// No more than there is room for: the kernel refuses a length that goes beyond the buffer.
size_t fd_count(const struct msghdr* message, const struct cmsghdr* c) {
  const size_t before = static_cast<size_t>(reinterpret_cast<const char*>(CMSG_DATA(c)) -
                                            static_cast<const char*>(message->msg_control));
  const size_t said = c->cmsg_len - CMSG_LEN(0);
  const size_t room = message->msg_controllen > before ? message->msg_controllen - before : 0;
  return (said < room ? said : room) / sizeof(int);
}

int* fds_of(struct cmsghdr* c) { return reinterpret_cast<int*>(CMSG_DATA(c)); }

template <typename Visit>
void each_fd(struct msghdr* message, Visit visit) {
  for (struct cmsghdr* c = CMSG_FIRSTHDR(message); c != nullptr; c = CMSG_NXTHDR(message, c)) {
    if (!carries_fds(c)) continue;
    const size_t count = fd_count(message, c);
    for (size_t i = 0; i < count; ++i) visit(fds_of(c)[i]);
  }
}

// A copy of a message whose ports have been replaced.
class Outgoing {
 public:
  explicit Outgoing(const struct msghdr* message) : message_(*message) {
    if (message->msg_control == nullptr || message->msg_controllen < sizeof(struct cmsghdr) ||
        message->msg_controllen > kControlRoom ||
        !portc_private_readable(message->msg_control, message->msg_controllen))
      return;
    const int saved = errno;
    memcpy(control_, message->msg_control, message->msg_controllen);
    message_.msg_control = control_;
    each_fd(&message_, [this](int& fd) { replace(fd); });
    errno = saved;
  }
  ~Outgoing() {
    const int saved = errno;
    for (int i = 0; i < bags_; ++i) (void)PORTC_NEXT(close)(bag_[i]);
    errno = saved;
  }
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;

  int error() const { return error_; }
  const struct msghdr* get(const struct msghdr* original) const {
    return bags_ > 0 ? &message_ : original;
  }

 private:
  void replace(int& fd) {
    if (bags_ == kMostFds || error_ != 0) return;
    const int bag = portc_private_pack(fd);
    if (bag == -1) return;
    if (bag < -1) {
      error_ = -1 - bag;
      return;
    }
    bag_[bags_++] = bag;
    fd = bag;
  }

  struct msghdr message_;
  int error_ = 0;
  int bags_ = 0;
  int bag_[kMostFds];
  alignas(struct cmsghdr) char control_[kControlRoom];
};

bool may_carry_fds(const struct msghdr* message) {
  return message != nullptr && message->msg_control != nullptr && message->msg_controllen != 0;
}

void unpack(struct msghdr* message) {
  if (!may_carry_fds(message)) return;
  const int saved = errno;
  each_fd(message, [](int& fd) { portc_private_received(fd); });
  errno = saved;
}

}  // namespace

extern "C" {

PORTC_EXPORT ssize_t sendmsg(int socket, const struct msghdr* message, int flags) {
  if (PORTC_LIKELY(!may_carry_fds(message))) return PORTC_NEXT(sendmsg)(socket, message, flags);
  const Outgoing outgoing(message);
  if (outgoing.error() != 0) {
    errno = outgoing.error();
    return -1;
  }
  return PORTC_NEXT(sendmsg)(socket, outgoing.get(message), flags);
}

PORTC_EXPORT int sendmmsg(int socket, struct mmsghdr* messages, unsigned count, int flags) {
  bool plain = true;
  for (unsigned i = 0; i < count && plain; ++i) plain = !may_carry_fds(&messages[i].msg_hdr);
  if (PORTC_LIKELY(plain)) return PORTC_NEXT(sendmmsg)(socket, messages, count, flags);
  int sent = 0;
  for (; static_cast<unsigned>(sent) < count; ++sent) {
    const ssize_t r = sendmsg(socket, &messages[sent].msg_hdr, flags);
    if (r < 0) return sent > 0 ? sent : -1;
    messages[sent].msg_len = static_cast<unsigned>(r);
  }
  return sent;
}

PORTC_EXPORT ssize_t recvmsg(int socket, struct msghdr* message, int flags) {
  const ssize_t r = PORTC_NEXT(recvmsg)(socket, message, flags);
  if (r >= 0) unpack(message);
  return r;
}

PORTC_EXPORT int recvmmsg(int socket, struct mmsghdr* messages, unsigned count, int flags,
                          struct timespec* timeout) {
  const int received = PORTC_NEXT(recvmmsg)(socket, messages, count, flags, timeout);
  for (int i = 0; i < received; ++i) unpack(&messages[i].msg_hdr);
  return received;
}

}  // extern "C"
