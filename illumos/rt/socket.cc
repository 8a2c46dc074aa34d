// SPDX-License-Identifier: MIT
//
// Sockets: making, connecting, and plain data. Messages are in socket_message.cc.
// Source: illumos uts/common/fs/sockfs/socksyscalls.c for the order of checks.
#include "illumos/abi/socket.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"
#include "illumos/rt/socket_address.h"
#include "illumos/rt/socket_message.h"

namespace portc::illumos {
namespace {

constexpr Number kSocketFlags[] = {
#include "illumos/tables/socket_flags.inc"
};
constexpr int kTypeMask = 0xffff;
constexpr int kCloseOnFork = 0x400000;  // SOCK_CLOFORK

// Type and flags together, as Linux wants them. False if there is no such thing.
bool type_and_flags(int guest, int& host) {
  const int type = socket_type_to_host(guest & kTypeMask);
  int64_t rest = 0;
  host = type | static_cast<int>(host_flags(kSocketFlags, guest & ~kTypeMask, rest));
  return type >= 0 && (rest & ~kCloseOnFork) == 0;
}

int make_error() {
  // Linux says EINVAL or ESOCKTNOSUPPORT to a type that the family does not have.
  return socket_fail(errno == ESOCKTNOSUPPORT || errno == EINVAL ? EPROTOTYPE : errno);
}

// A socket that accept() makes is non-blocking if the listener is, which it is not on Linux.
int accept_flags(int listener, int guest, int& host) {
  int64_t rest = 0;
  host = static_cast<int>(host_flags(kSocketFlags, guest, rest));
  if ((rest & ~kCloseOnFork) != 0) return socket_fail(EINVAL);
  const int status = fcntl(listener, F_GETFL);
  if (status >= 0 && (status & O_NONBLOCK) != 0) host |= SOCK_NONBLOCK;
  return 0;
}

// What Linux's sendfile cannot read from (it wants a file that can be mapped).
ssize_t copy_file(int to, int from, off_t* offset, size_t size) {
  char buffer[16384];
  const size_t want = size < sizeof buffer ? size : sizeof buffer;
  const ssize_t got = pread(from, buffer, want, *offset);
  if (got <= 0) return got;
  const ssize_t put = write(to, buffer, static_cast<size_t>(got));
  if (put > 0) *offset += put;
  return put;
}

ssize_t send_file(int to, int from, off_t* offset, size_t size) {
  const ssize_t sent = sendfile(to, from, offset, size);
  if (sent >= 0 || errno != EINVAL || offset == nullptr) return sent;
  return copy_file(to, from, offset, size);
}

constexpr int kFileSelf = -2;  // SFV_FD_SELF: the memory at `offset`

ssize_t send_vector(int to, const abi::Sendfilevec& part) {
  if (part.file == kFileSelf) {
    return write(to, reinterpret_cast<const void*>(part.offset), part.size);
  }
  off_t offset = part.offset;
  return send_file(to, part.file, &offset, part.size);
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" int il_socket(int family, int type, int protocol) {
  const int host_family = family_to_host(family);
  if (host_family < 0) return socket_fail(EAFNOSUPPORT);
  int host_type = 0;
  if (!type_and_flags(type, host_type)) return socket_fail(EPROTOTYPE);
  const int fd = socket(host_family, host_type, protocol);
  return fd >= 0 ? fd : make_error();
}

extern "C" int il_socketpair(int family, int type, int protocol, int* pair) {
  const int host_family = family_to_host(family);
  if (host_family < 0) return socket_fail(EAFNOSUPPORT);
  int host_type = 0;
  if (!type_and_flags(type, host_type)) return socket_fail(EPROTOTYPE);
  return socketpair(host_family, host_type, protocol, pair) == 0 ? 0 : make_error();
}

extern "C" int il_bind(int fd, const void* address, uint32_t size) {
  const HostAddress host(address, size);
  return socket_result(bind(fd, host.get(), host.size()));
}

extern "C" int il_connect(int fd, const void* address, uint32_t size) {
  const HostAddress host(address, size);
  return socket_result(connect(fd, host.get(), host.size()));
}

extern "C" int il_listen(int fd, int backlog) { return socket_result(listen(fd, backlog)); }

extern "C" int il_accept4(int fd, void* address, uint32_t* size, int flags) {
  int host_flags = 0;
  if (accept_flags(fd, flags, host_flags) != 0) return -1;
  AddressResult peer(address, size);
  const int accepted = accept4(fd, peer.buffer(), peer.size(), host_flags);
  if (accepted < 0) return socket_result(accepted);
  peer.finish();
  return accepted;
}

extern "C" int il_accept(int fd, void* address, uint32_t* size) {
  return il_accept4(fd, address, size, 0);
}

extern "C" int il_getsockname(int fd, void* address, uint32_t* size) {
  AddressResult own(address, size);
  if (getsockname(fd, own.buffer(), own.size()) != 0) return socket_result(-1);
  own.finish();
  return 0;
}

extern "C" int il_getpeername(int fd, void* address, uint32_t* size) {
  AddressResult peer(address, size);
  if (getpeername(fd, peer.buffer(), peer.size()) != 0) return socket_result(-1);
  peer.finish();
  return 0;
}

extern "C" int il_shutdown(int fd, int how) { return socket_result(shutdown(fd, how)); }

extern "C" ssize_t il_sendto(int fd, const void* data, size_t size, int flags, const void* address,
                             uint32_t address_size) {
  int host_flags = 0;
  if (message_flags_to_host(flags, host_flags) != 0) return -1;
  const HostAddress host(address, address_size);
  return socket_result(sendto(fd, data, size, host_flags, host.get(), host.size()));
}

extern "C" ssize_t il_send(int fd, const void* data, size_t size, int flags) {
  int host_flags = 0;
  if (message_flags_to_host(flags, host_flags) != 0) return -1;
  return socket_result(send(fd, data, size, host_flags));
}

extern "C" ssize_t il_recvfrom(int fd, void* data, size_t size, int flags, void* address,
                               uint32_t* address_size) {
  int host_flags = 0;
  if (message_flags_to_host(flags, host_flags) != 0) return -1;
  AddressResult from(address_size != nullptr ? address : nullptr, address_size);
  const ssize_t got = recvfrom(fd, data, size, host_flags, from.buffer(), from.size());
  if (got < 0) return socket_result(got);
  from.finish();
  return got;
}

extern "C" ssize_t il_recv(int fd, void* data, size_t size, int flags) {
  int host_flags = 0;
  if (message_flags_to_host(flags, host_flags) != 0) return -1;
  return socket_result(recv(fd, data, size, host_flags));
}

extern "C" int il_sockatmark(int fd) { return socket_result(sockatmark(fd)); }

extern "C" ssize_t il_sendfile(int to, int from, off_t* offset, size_t size) {
  return socket_result(send_file(to, from, offset, size));
}

// Stops at the first part that is not sent whole; `sent` says how far it came, also on failure.
extern "C" ssize_t il_sendfilev(int to, const abi::Sendfilevec* parts, int count, size_t* sent) {
  *sent = 0;
  if (count < 1) return socket_fail(EINVAL);
  for (int i = 0; i < count; ++i) {
    const ssize_t part = send_vector(to, parts[i]);
    if (part < 0) return socket_result(part);
    *sent += static_cast<size_t>(part);
    if (static_cast<size_t>(part) < parts[i].size) break;
  }
  return static_cast<ssize_t>(*sent);
}
