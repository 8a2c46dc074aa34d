// SPDX-License-Identifier: MIT
//
// sendmsg and recvmsg, with their control data. There are two forms: with msg_control (the names
// with __xnet_ in front), and the older one, in which descriptors are all that can be passed.
// Source: illumos <sys/socket.h>, uts/common/fs/sockfs/socksyscalls.c.
#include "illumos/rt/socket_message.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <climits>
#include <cstdint>
#include <cstring>

#include "illumos/abi/socket.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"
#include "illumos/rt/socket_address.h"
#include "illumos/rt/ucred.h"

namespace portc::illumos {
namespace {

constexpr Number kFlags[] = {
#include "illumos/tables/message_flags.inc"
};
constexpr int kInternalFlags = 0x8000 | 0x800 | 0x100;  // MSG_XPG4_2, _DUPCTRL, _NOTIFICATION

constexpr size_t kControlRoom = 8192;
constexpr uint32_t kMaxControl = 8192;  // SO_MAXARGSIZE

uint32_t aligned(uint32_t size) { return (size + 3) & ~uint32_t{3}; }

// Linux's control data, being written.
class HostControl {
 public:
  bool add(int level, int type, const void* data, size_t size) {
    if (used_ + CMSG_SPACE(size) > sizeof room_) return false;
    auto* header = reinterpret_cast<cmsghdr*>(room_ + used_);
    *header = {CMSG_LEN(size), level, type};
    memcpy(CMSG_DATA(header), data, size);
    memset(CMSG_DATA(header) + size, 0, CMSG_SPACE(size) - CMSG_LEN(size));
    used_ += CMSG_SPACE(size);
    return true;
  }
  void attach(msghdr& message) {
    message.msg_control = used_ != 0 ? room_ : nullptr;
    message.msg_controllen = used_;
  }

 private:
  alignas(cmsghdr) char room_[kControlRoom];
  size_t used_ = 0;
};

// The guest's control data, being written into what room it gave.
class GuestControl {
 public:
  GuestControl(void* room, uint32_t size) : room_(static_cast<char*>(room)), size_(size) {}

  bool cut_off() const { return cut_off_; }
  uint32_t used() const { return used_ < size_ ? used_ : size_; }
  // For the data of one entry; what does not fit is not written.
  uint32_t room() const {
    return used_ + sizeof(abi::Cmsghdr) < size_ ? size_ - used_ - uint32_t{sizeof(abi::Cmsghdr)}
                                                : 0;
  }

  void add(int level, int type, const void* data, uint32_t size) {
    if (room() < size) cut_off_ = true;
    if (room() == 0 && size != 0) return;
    if (size > room()) size = room();
    const abi::Cmsghdr header = {uint32_t{sizeof header} + size, level, type};
    memcpy(room_ + used_, &header, sizeof header);
    memcpy(room_ + used_ + sizeof header, data, size);
    used_ += aligned(header.size);
  }

  // Descriptors that there is no room for must not stay open.
  void add_rights(const unsigned char* data, size_t size) {
    size_t fits = room() / sizeof(int) * sizeof(int);
    if (fits > size) fits = size;
    for (size_t at = fits; at + sizeof(int) <= size; at += sizeof(int)) {
      int fd;
      memcpy(&fd, data + at, sizeof fd);
      (void)close(fd);
      cut_off_ = true;
    }
    if (fits != 0) add(abi::kSolSocket, abi::kScmRights, data, static_cast<uint32_t>(fits));
  }

 private:
  char* room_;
  uint32_t size_;
  uint32_t used_ = 0;
  bool cut_off_ = false;
};

int control_to_host(const void* guest, uint32_t size, HostControl& host) {
  if (size > kMaxControl) return socket_fail(EINVAL);
  const char* at = static_cast<const char*>(guest);
  while (size >= sizeof(abi::Cmsghdr)) {
    abi::Cmsghdr header;
    memcpy(&header, at, sizeof header);
    if (header.size < sizeof header || header.size > size) return socket_fail(EINVAL);
    const int level = option_level_to_host(header.level);
    const int type = level >= 0 ? option_to_host(level, header.type) : -1;
    if (type < 0) return socket_fail(EINVAL);
    if (!host.add(level, type, at + sizeof header, header.size - sizeof header))
      return socket_fail(EINVAL);
    const uint32_t step = aligned(header.size);
    if (step >= size) break;
    at += step;
    size -= step;
  }
  return 0;
}

void credentials_to_guest(const cmsghdr& header, GuestControl& guest) {
  struct ucred credentials;
  memcpy(&credentials, CMSG_DATA(&header), sizeof credentials);
  Ucred own;
  fill_ucred(own, credentials.pid, credentials.uid, credentials.gid);
  guest.add(abi::kSolSocket, abi::kScmUcred, &own, sizeof own);
}

void entry_to_guest(cmsghdr& header, GuestControl& guest) {
  unsigned char* data = CMSG_DATA(&header);
  const size_t size = header.cmsg_len - CMSG_LEN(0);
  if (header.cmsg_level == SOL_SOCKET && header.cmsg_type == SCM_RIGHTS)
    return guest.add_rights(data, size);
  if (header.cmsg_level == SOL_SOCKET && header.cmsg_type == SCM_CREDENTIALS)
    return credentials_to_guest(header, guest);
  // A byte, where Linux has an int.
  if (header.cmsg_level == IPPROTO_IP && header.cmsg_type == IP_TTL)
    return guest.add(IPPROTO_IP, abi::kIpRecvTtl, data, 1);
  const int level = option_level_to_guest(header.cmsg_level);
  const int type = level >= 0 ? option_to_guest(header.cmsg_level, header.cmsg_type) : -1;
  if (type >= 0) guest.add(level, type, data, static_cast<uint32_t>(size));
}

void control_to_guest(msghdr& host, GuestControl& guest) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&host); header != nullptr;
       header = CMSG_NXTHDR(&host, header))
    entry_to_guest(*header, guest);
}

bool parts_are_wrong(const abi::Msghdr& message) {
  return message.part_count <= 0 || message.part_count > IOV_MAX;
}

msghdr parts_of(const abi::Msghdr& message) {
  msghdr host = {};
  host.msg_iov = static_cast<iovec*>(message.parts);
  host.msg_iovlen = static_cast<size_t>(message.part_count);
  return host;
}

ssize_t send_with(int fd, const abi::Msghdr& message, HostControl& control, int flags) {
  const HostAddress to(message.name, message.name_size);
  msghdr host = parts_of(message);
  host.msg_name = to.size() != 0 ? const_cast<sockaddr*>(to.get()) : nullptr;
  host.msg_namelen = to.size();
  control.attach(host);
  return socket_result(sendmsg(fd, &host, flags));
}

// Whatever the guest's room is, Linux's is large: what does not fit is dropped with care.
ssize_t receive(int fd, abi::Msghdr& message, msghdr& host, char* control, int flags) {
  int host_flags = 0;
  if (message_flags_to_host(flags, host_flags) != 0) return -1;
  AddressResult from(message.name, &message.name_size);
  host = parts_of(message);
  host.msg_name = from.buffer();
  host.msg_namelen = from.size() != nullptr ? *from.size() : 0;
  host.msg_control = control;
  host.msg_controllen = message.control_size != 0 ? kControlRoom : 0;
  const ssize_t got = recvmsg(fd, &host, host_flags);
  if (got < 0) return socket_result(got);
  if (message.name != nullptr)
    message.name_size =
        address_to_guest(host.msg_name, host.msg_namelen, message.name, message.name_size);
  return got;
}

}  // namespace

int message_flags_to_host(int guest, int& host) {
  int64_t rest = 0;
  host = static_cast<int>(host_flags(kFlags, guest & ~kInternalFlags, rest));
  return rest == 0 ? 0 : socket_fail(EOPNOTSUPP);
}

}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" ssize_t il___xnet_sendmsg(int fd, const abi::Msghdr* message, int flags) {
  int host_flags = 0;
  if (message_flags_to_host(flags, host_flags) != 0) return -1;
  if (parts_are_wrong(*message)) return socket_fail(EMSGSIZE);
  HostControl control;
  if (message->control != nullptr &&
      control_to_host(message->control, message->control_size, control) != 0)
    return -1;
  return send_with(fd, *message, control, host_flags);
}

extern "C" ssize_t il_sendmsg(int fd, const abi::Msghdr* message, int flags) {
  int host_flags = 0;
  if (message_flags_to_host(flags, host_flags) != 0) return -1;
  if (parts_are_wrong(*message)) return socket_fail(EMSGSIZE);
  HostControl control;
  if (message->control != nullptr && message->control_size != 0 &&
      !control.add(SOL_SOCKET, SCM_RIGHTS, message->control, message->control_size))
    return socket_fail(EINVAL);
  return send_with(fd, *message, control, host_flags);
}

extern "C" ssize_t il___xnet_recvmsg(int fd, abi::Msghdr* message, int flags) {
  if (parts_are_wrong(*message)) return socket_fail(EMSGSIZE);
  alignas(cmsghdr) char control[kControlRoom];
  msghdr host;
  const ssize_t got = receive(fd, *message, host, control, flags);
  if (got < 0) return got;
  GuestControl to(message->control, message->control != nullptr ? message->control_size : 0);
  control_to_guest(host, to);
  message->control_size = to.used();
  message->flags = static_cast<int>(guest_flags(kFlags, host.msg_flags & ~MSG_CMSG_CLOEXEC));
  if (to.cut_off()) message->flags |= 0x10;  // MSG_CTRUNC
  return got;
}

extern "C" ssize_t il_recvmsg(int fd, abi::Msghdr* message, int flags) {
  if (parts_are_wrong(*message)) return socket_fail(EMSGSIZE);
  alignas(cmsghdr) char control[kControlRoom];
  alignas(abi::Cmsghdr) char rights[kControlRoom];
  msghdr host;
  const ssize_t got = receive(fd, *message, host, control, flags);
  if (got < 0) return got;
  const uint32_t room = message->control != nullptr ? message->control_size : 0;
  const uint32_t most = sizeof rights - sizeof(abi::Cmsghdr);
  GuestControl to(rights, uint32_t{sizeof(abi::Cmsghdr)} + (room < most ? room : most));
  for (cmsghdr* header = CMSG_FIRSTHDR(&host); header != nullptr;
       header = CMSG_NXTHDR(&host, header))
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
      entry_to_guest(*header, to);
  const uint32_t used = to.used() != 0 ? to.used() - uint32_t{sizeof(abi::Cmsghdr)} : 0;
  memcpy(message->control, rights + sizeof(abi::Cmsghdr), used);
  message->control_size = used;
  return got;
}
