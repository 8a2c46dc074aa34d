// SPDX-License-Identifier: MIT
//
// getsockopt and setsockopt. Most options differ in their numbers only; those whose value
// differs have a function here.
// Source: illumos <sys/socket.h>, <netinet/in.h>, <netinet/tcp.h>; tcp(4P), ip(4P), ip6(4P).
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "illumos/abi/socket.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"
#include "illumos/rt/socket_address.h"
#include "illumos/rt/socket_message.h"
#include "illumos/rt/ucred.h"

namespace portc::illumos {
namespace {

constexpr Number kSocketOptions[] = {
#include "illumos/tables/options_socket.inc"
};
constexpr Number kIpOptions[] = {
#include "illumos/tables/options_ip.inc"
};
constexpr Number kIpv6Options[] = {
#include "illumos/tables/options_ipv6.inc"
};
constexpr Number kTcpOptions[] = {
#include "illumos/tables/options_tcp.inc"
};

// Options of SOL_SOCKET's that change nothing here: accepted, and read as zero.
constexpr int kWithoutEffect[] = {
    0x0040,   // SO_USELOOPBACK
    0x0200,   // SO_DGRAM_ERRIND
    0x100a,   // SO_ANON_MLP
    0x100b,   // SO_MAC_EXEMPT
    0x100d,   // SO_RCVPSH
    0x1014,   // SO_ALLZONES
    0x1015,   // SO_EXCLBIND: Linux binds exclusively unless it is told otherwise
    ~0x0080,  // SO_DONTLINGER
};

// TCP's thresholds, in milliseconds.
constexpr int kTcpAbortThreshold = 0x11;
constexpr int kTcpKeepaliveThreshold = 0x16;
constexpr int kTcpKeepaliveAbortThreshold = 0x17;
constexpr int kTcpExclbind = 0x21;

constexpr int kBoundIf = 0x41;  // IP_BOUND_IF, IPV6_BOUND_IF
constexpr int kSoBindtoifindex = 62;

bool is_without_effect(int level, int name) {
  if (level == IPPROTO_TCP) return name == kTcpExclbind;
  if (level != SOL_SOCKET) return false;
  for (const int option : kWithoutEffect)
    if (option == name) return true;
  return false;
}

// For errors only: is it a socket?
int check_socket(int fd) {
  int type;
  socklen_t size = sizeof type;
  return socket_result(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size));
}

int put_int(int value, void* to, uint32_t* size) {
  if (*size > sizeof value) *size = sizeof value;
  memcpy(to, &value, *size);
  return 0;
}

int get_int(int fd, int level, int name, int& value) {
  socklen_t size = sizeof value;
  return socket_result(getsockopt(fd, level, name, &value, &size));
}

int set_int(int fd, int level, int name, int value) {
  return socket_result(setsockopt(fd, level, name, &value, sizeof value));
}

// How SOL_SOCKET's numbers become the guest's.
int value_to_guest(int name, int value) {
  switch (name) {
    case SO_ERROR:
      return value == 0 ? 0 : socket_errno_to_guest(value);
    case SO_TYPE:
      return socket_type_to_guest(value);
    case SO_DOMAIN:
      return family_to_guest(value);
    case SO_SNDBUF:
    case SO_RCVBUF:
      return value / 2;  // Linux doubles what was asked for
    default:
      return value;
  }
}

bool is_translated(int level, int name) {
  return level == SOL_SOCKET && (name == SO_ERROR || name == SO_TYPE || name == SO_DOMAIN ||
                                 name == SO_SNDBUF || name == SO_RCVBUF);
}

// The guest gives up after so many milliseconds without an answer; Linux after some probes.
constexpr int kProbes = 8;

int get_keepalive_abort(int fd, int& value) {
  int interval = 0, count = 0;
  if (get_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval) != 0) return -1;
  if (get_int(fd, IPPROTO_TCP, TCP_KEEPCNT, count) != 0) return -1;
  value = interval * count * 1000;
  return 0;
}

int set_keepalive_abort(int fd, int milliseconds) {
  const int interval = milliseconds / 1000 / kProbes;
  if (set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval > 0 ? interval : 1) != 0) return -1;
  const int probes = milliseconds / 1000 < kProbes ? milliseconds / 1000 : kProbes;
  return set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, probes > 0 ? probes : 1);
}

bool is_threshold(int level, int name) {
  return level == IPPROTO_TCP && (name == kTcpAbortThreshold || name == kTcpKeepaliveThreshold ||
                                  name == kTcpKeepaliveAbortThreshold);
}

int get_threshold(int fd, int name, int& value) {
  if (name == kTcpKeepaliveAbortThreshold) return get_keepalive_abort(fd, value);
  if (name == kTcpAbortThreshold) return get_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, value);
  if (get_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, value) != 0) return -1;
  value *= 1000;
  return 0;
}

int set_threshold(int fd, int name, int value) {
  if (name == kTcpKeepaliveAbortThreshold) return set_keepalive_abort(fd, value);
  if (name == kTcpAbortThreshold) return set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, value);
  const int seconds = value / 1000;
  return set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds > 0 ? seconds : 1);
}

// Linux's limits; illumos's are higher.
constexpr int kMaxSeconds = 32767, kMaxProbes = 127;

bool is_limited(int level, int name) {
  return level == IPPROTO_TCP &&
         (name == TCP_KEEPIDLE || name == TCP_KEEPINTVL || name == TCP_KEEPCNT);
}

int set_limited(int fd, int name, const void* value) {
  const int limit = name == TCP_KEEPCNT ? kMaxProbes : kMaxSeconds;
  int number = 0;
  memcpy(&number, value, sizeof number);
  return set_int(fd, IPPROTO_TCP, name, number > limit ? limit : number);
}

// The two addresses stand the other way round on Linux.
int set_source_membership(int fd, int name, const void* value) {
  abi::IpMreqSource guest;
  memcpy(&guest, value, sizeof guest);
  ip_mreq_source host = {};
  host.imr_multiaddr.s_addr = guest.group;
  host.imr_sourceaddr.s_addr = guest.source;
  host.imr_interface.s_addr = guest.interface;
  return socket_result(setsockopt(fd, IPPROTO_IP, name, &host, sizeof host));
}

sockaddr_storage storage_to_host(const uint8_t* guest) {
  uint16_t family;
  memcpy(&family, guest, sizeof family);
  sockaddr_storage storage = {};
  memcpy(&storage, guest, sizeof(sockaddr_in6));
  const int host = family_to_host(family);
  storage.ss_family = host >= 0 ? static_cast<sa_family_t>(host) : sa_family_t{AF_UNSPEC};
  return storage;
}

int set_group(int fd, int level, int name, const void* value) {
  const auto* guest = static_cast<const abi::GroupReq*>(value);
  group_req host = {guest->interface, storage_to_host(guest->group)};
  return socket_result(setsockopt(fd, level, name, &host, sizeof host));
}

int set_group_source(int fd, int level, int name, const void* value) {
  const auto* guest = static_cast<const abi::GroupSourceReq*>(value);
  group_source_req host = {guest->interface, storage_to_host(guest->group),
                           storage_to_host(guest->source)};
  return socket_result(setsockopt(fd, level, name, &host, sizeof host));
}

// Options whose value is laid out differently. False if this is none of them.
bool set_structure(int fd, int level, int name, const void* value, uint32_t size, int& result) {
  if (level != IPPROTO_IP && level != IPPROTO_IPV6) return false;
  switch (name) {
    case MCAST_JOIN_GROUP:
    case MCAST_LEAVE_GROUP:
      result =
          size < sizeof(abi::GroupReq) ? socket_fail(EINVAL) : set_group(fd, level, name, value);
      return true;
    case MCAST_BLOCK_SOURCE:
    case MCAST_UNBLOCK_SOURCE:
    case MCAST_JOIN_SOURCE_GROUP:
    case MCAST_LEAVE_SOURCE_GROUP:
      result = size < sizeof(abi::GroupSourceReq) ? socket_fail(EINVAL)
                                                  : set_group_source(fd, level, name, value);
      return true;
    default:
      break;
  }
  if (level == IPPROTO_IP && name >= IP_UNBLOCK_SOURCE && name <= IP_DROP_SOURCE_MEMBERSHIP) {
    result = size < sizeof(abi::IpMreqSource) ? socket_fail(EINVAL)
                                              : set_source_membership(fd, name, value);
    return true;
  }
  return false;
}

struct Option {
  int level = -1;
  int name = -1;
};

// Both -1 if Linux has no such option.
Option option_of(int guest_level, int guest_name) {
  Option option;
  option.level = option_level_to_host(guest_level);
  if (option.level < 0) return option;
  if ((option.level == IPPROTO_IP || option.level == IPPROTO_IPV6) && guest_name == kBoundIf)
    return {SOL_SOCKET, kSoBindtoifindex};
  option.name = option_to_host(option.level, guest_name);
  return option;
}

}  // namespace

int option_level_to_host(int guest) {
  switch (guest) {
    case abi::kSolSocket:
      return SOL_SOCKET;
    case IPPROTO_IP:
    case IPPROTO_IPV6:
    case IPPROTO_TCP:
      return guest;
    default:
      return -1;
  }
}

int option_level_to_guest(int host) {
  if (host == SOL_SOCKET) return abi::kSolSocket;
  return host == IPPROTO_IP || host == IPPROTO_IPV6 || host == IPPROTO_TCP ? host : -1;
}

int option_to_host(int host_level, int guest) {
  int64_t host = -1;
  if (host_level == SOL_SOCKET) host = host_number(kSocketOptions, guest, -1);
  if (host_level == IPPROTO_IP) host = host_number(kIpOptions, guest, -1);
  if (host_level == IPPROTO_IPV6) host = host_number(kIpv6Options, guest, -1);
  if (host_level == IPPROTO_TCP) host = host_number(kTcpOptions, guest, -1);
  return static_cast<int>(host);
}

int option_to_guest(int host_level, int host) {
  int64_t guest = -1;
  if (host_level == SOL_SOCKET) guest = guest_number(kSocketOptions, host, -1);
  if (host_level == IPPROTO_IP) guest = guest_number(kIpOptions, host, -1);
  if (host_level == IPPROTO_IPV6) guest = guest_number(kIpv6Options, host, -1);
  if (host_level == IPPROTO_TCP) guest = guest_number(kTcpOptions, host, -1);
  return static_cast<int>(guest);
}

}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" int il_getsockopt(int fd, int level, int name, void* value, uint32_t* size) {
  const Option option = option_of(level, name);
  int number = 0;
  if (is_without_effect(option.level, name))
    return check_socket(fd) != 0 ? -1 : put_int(0, value, size);
  if (is_threshold(option.level, name))
    return get_threshold(fd, name, number) != 0 ? -1 : put_int(number, value, size);
  if (option.name < 0) return check_socket(fd) != 0 ? -1 : socket_fail(ENOPROTOOPT);
  if (is_translated(option.level, option.name)) {
    if (get_int(fd, option.level, option.name, number) != 0) return -1;
    return put_int(value_to_guest(option.name, number), value, size);
  }
  return socket_result(getsockopt(fd, option.level, option.name, value, size));
}

extern "C" int il_setsockopt(int fd, int level, int name, const void* value, uint32_t size) {
  const Option option = option_of(level, name);
  if (is_without_effect(option.level, name)) return check_socket(fd);
  if (is_threshold(option.level, name)) {
    int number = 0;
    if (size < sizeof number) return socket_fail(EINVAL);
    memcpy(&number, value, sizeof number);
    return set_threshold(fd, name, number);
  }
  if (option.name < 0) return check_socket(fd) != 0 ? -1 : socket_fail(ENOPROTOOPT);
  if (value != nullptr && size >= sizeof(int) && is_limited(option.level, option.name))
    return set_limited(fd, option.name, value);
  int result = 0;
  if (value != nullptr && set_structure(fd, option.level, option.name, value, size, result))
    return result;
  return socket_result(setsockopt(fd, option.level, option.name, value, size));
}

// Into the guest's ucred_t, or a new one that it frees with ucred_free.
extern "C" int il_getpeerucred(int fd, Ucred** out) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return socket_result(-1);
  if (peer.pid == 0) return socket_fail(ENOTCONN);
  if (*out == nullptr) *out = static_cast<Ucred*>(malloc(sizeof(Ucred)));
  if (*out == nullptr) return socket_fail(ENOMEM);
  fill_ucred(**out, peer.pid, peer.uid, peer.gid);
  return 0;
}
