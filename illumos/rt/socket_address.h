// SPDX-License-Identifier: MIT
//
// Addresses of sockets. Only AF_INET6's and AF_PACKET's numbers differ, and the size of an IPv6
// address, whose first 28 bytes are Linux's.
#pragma once

#include <sys/socket.h>

#include <cstdint>

namespace portc::illumos {

// -1 if there is none.
int family_to_host(int guest);
int family_to_guest(int host);
int socket_type_to_host(int guest);
int socket_type_to_guest(int host);

// An address of the guest's, as Linux wants it. Null pointers and short addresses are left to the
// kernel's judgement.
class HostAddress {
 public:
  HostAddress(const void* guest, uint32_t size);
  const sockaddr* get() const { return address_; }
  socklen_t size() const { return size_; }

 private:
  sockaddr_storage own_;
  const sockaddr* address_;
  socklen_t size_;
};

// Writes an address of Linux's into `room` bytes, cut off if need be. Returns its whole size.
uint32_t address_to_guest(const void* host, socklen_t size, void* guest, uint32_t room);

// A place for Linux to write an address to, and then its way to the guest, if it wants it.
class AddressResult {
 public:
  AddressResult(void* guest, uint32_t* size) : guest_(guest), guest_size_(size) {}
  sockaddr* buffer() { return guest_ != nullptr ? reinterpret_cast<sockaddr*>(&own_) : nullptr; }
  socklen_t* size() { return guest_ != nullptr ? &size_ : nullptr; }
  void finish() {
    if (guest_ != nullptr) *guest_size_ = address_to_guest(&own_, size_, guest_, *guest_size_);
  }

 private:
  sockaddr_storage own_;
  socklen_t size_ = sizeof own_;
  void* guest_;
  uint32_t* guest_size_;
};

// Linux has one number for ENOTSUP and EOPNOTSUPP; sockets mean the latter.
int socket_errno_to_guest(int host);
void set_socket_errno();

template <typename R>
R socket_result(R result) {
  if (result < 0) set_socket_errno();
  return result;
}

// "return socket_fail(EOPNOTSUPP);"
int socket_fail(int host);

}  // namespace portc::illumos
