// SPDX-License-Identifier: MIT
#include "illumos/rt/socket_address.h"

#include <netinet/in.h>

#include <cstring>

#include "illumos/abi/socket.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"

namespace portc::illumos {
namespace {

constexpr Number kFamilies[] = {
#include "illumos/tables/address_family.inc"
};
constexpr Number kTypes[] = {
#include "illumos/tables/socket_type.inc"
};

constexpr int kEopnotsupp = 122;

uint16_t family_of(const void* address) {
  uint16_t family;
  memcpy(&family, address, sizeof family);
  return family;
}

}  // namespace

int family_to_host(int guest) { return static_cast<int>(host_number(kFamilies, guest, -1)); }
int family_to_guest(int host) { return static_cast<int>(guest_number(kFamilies, host, -1)); }
int socket_type_to_host(int guest) { return static_cast<int>(host_number(kTypes, guest, -1)); }
int socket_type_to_guest(int host) { return static_cast<int>(guest_number(kTypes, host, -1)); }

HostAddress::HostAddress(const void* guest, uint32_t size)
    : address_(static_cast<const sockaddr*>(guest)), size_(size) {
  constexpr uint32_t kShared = sizeof(sockaddr_in6);
  if (guest == nullptr || size < kShared) return;
  const int family = family_to_host(family_of(guest));
  if (family != AF_INET6 && family != AF_PACKET) return;
  if (family == AF_INET6) size_ = kShared;
  if (size_ > sizeof own_) size_ = sizeof own_;
  memcpy(&own_, guest, size_);
  own_.ss_family = static_cast<sa_family_t>(family);
  address_ = reinterpret_cast<const sockaddr*>(&own_);
}

uint32_t address_to_guest(const void* host, socklen_t size, void* guest, uint32_t room) {
  alignas(8) unsigned char address[abi::kSockaddrStorage] = {};
  if (size > sizeof address) size = sizeof address;
  memcpy(address, host, size);
  if (size >= sizeof(uint16_t)) {
    const int family = family_of(host);
    if (const int number = family_to_guest(family); number >= 0) {
      const auto word = static_cast<uint16_t>(number);
      memcpy(address, &word, sizeof word);
    }
    if (family == AF_INET6) size = sizeof(abi::SockaddrIn6);
  }
  memcpy(guest, address, size < room ? size : room);
  return size;
}

int socket_errno_to_guest(int host) {
  return host == EOPNOTSUPP ? kEopnotsupp : errno_to_guest(host);
}

void set_socket_errno() { guest_errno = socket_errno_to_guest(errno); }

int socket_fail(int host) {
  guest_errno = socket_errno_to_guest(host);
  return -1;
}

}  // namespace portc::illumos
