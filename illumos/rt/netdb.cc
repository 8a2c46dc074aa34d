// SPDX-License-Identifier: MIT
//
// Names of hosts and services. Services, protocols and networks are the same structures on both
// systems; hosts differ in the number of a family, and the lists of getaddrinfo in their order.
// Source: illumos <netdb.h>, gethostbyname(3NSL), getaddrinfo(3SOCKET).
#include "illumos/abi/netdb.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "illumos/rt/data.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"
#include "illumos/rt/socket_address.h"

uint8_t il_in6addr_any[16];
uint8_t il_in6addr_loopback[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

namespace portc::illumos {
namespace {

constexpr Number kErrors[] = {
#include "illumos/tables/name_error.inc"
};
constexpr Number kFlags[] = {
#include "illumos/tables/name_flags.inc"
};
constexpr Number kInfoFlags[] = {
#include "illumos/tables/nameinfo_flags.inc"
};

int name_error(int host) {
  if (host == 0) return 0;
  if (host == EAI_SYSTEM) set_guest_errno();
  return static_cast<int>(guest_number(kErrors, host, 4));  // EAI_FAIL
}

// One entry of the guest's list, in one piece of memory with its address and name.
struct Piece {
  abi::Addrinfo entry;
  alignas(8) uint8_t address[abi::kSockaddrStorage];
  char name[];
};

Piece* make_piece(const addrinfo& host) {
  const size_t length = host.ai_canonname != nullptr ? strlen(host.ai_canonname) + 1 : 0;
  auto* piece = static_cast<Piece*>(calloc(1, sizeof(Piece) + length));
  if (piece == nullptr) return nullptr;
  int64_t flags = 0;
  flags = guest_flags(kFlags, host.ai_flags);
  abi::Addrinfo& entry = piece->entry;
  entry.flags = static_cast<int>(flags);
  entry.family = family_to_guest(host.ai_family);
  entry.type = host.ai_socktype == 0 ? 0 : socket_type_to_guest(host.ai_socktype);
  entry.protocol = host.ai_protocol;
  entry.address_size =
      address_to_guest(host.ai_addr, host.ai_addrlen, piece->address, sizeof piece->address);
  entry.address = piece->address;
  if (length != 0) entry.name = static_cast<char*>(memcpy(piece->name, host.ai_canonname, length));
  return piece;
}

bool hints_to_host(const abi::Addrinfo& guest, addrinfo& host) {
  int64_t rest = 0;
  host.ai_flags = static_cast<int>(host_flags(kFlags, guest.flags, rest));
  host.ai_family = family_to_host(guest.family);
  host.ai_socktype = guest.type == 0 ? 0 : socket_type_to_host(guest.type);
  host.ai_protocol = guest.protocol;
  return rest == 0;
}

// Linux's, with the guest's number of the family.
abi::Hostent* with_family(hostent* host) {
  if (host != nullptr) host->h_addrtype = family_to_guest(host->h_addrtype);
  return reinterpret_cast<abi::Hostent*>(host);
}

thread_local int guest_h_errno;  // the numbers are Linux's

abi::Hostent* found(hostent* host) {
  guest_h_errno = h_errno;
  return with_family(host);
}

// For those that return an error number and a pointer, where the guest gets the pointer.
template <typename T>
T* found_in(int error, T* result) {
  if (error != 0) guest_errno = errno_to_guest(error);
  return error == 0 ? result : nullptr;
}

// A host's entry in memory of its own, for getipnodebyname.
abi::Hostent* copy_of(const hostent& host) {
  size_t count = 0;
  while (host.h_addr_list[count] != nullptr) ++count;
  const auto size = static_cast<size_t>(host.h_length);
  const size_t name_size = strlen(host.h_name) + 1;
  auto* copy = static_cast<abi::Hostent*>(
      calloc(1, sizeof(abi::Hostent) + (count + 2) * sizeof(char*) + count * size + name_size));
  if (copy == nullptr) return nullptr;
  auto** pointers = reinterpret_cast<char**>(copy + 1);
  char* bytes = reinterpret_cast<char*>(pointers + count + 2);
  copy->aliases = pointers;
  copy->addresses = pointers + 1;
  copy->family = family_to_guest(host.h_addrtype);
  copy->size = host.h_length;
  for (size_t i = 0; i < count; ++i, bytes += size)
    copy->addresses[i] = static_cast<char*>(memcpy(bytes, host.h_addr_list[i], size));
  copy->name = static_cast<char*>(memcpy(bytes, host.h_name, name_size));
  return copy;
}

constexpr size_t kScratch = 8192;

const char* const kErrorTexts[] = {"Success",
                                   "Address family for this name is not supported",
                                   "Name is not known just now",
                                   "Flags are not valid",
                                   "Name cannot be resolved",
                                   "Address family is not supported",
                                   "Out of memory",
                                   "Name has no address",
                                   "Name or service is not known",
                                   "Service is not supported for this kind of socket",
                                   "Kind of socket is not supported",
                                   "System error",
                                   "Buffer is too small"};

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" void il_freeaddrinfo(abi::Addrinfo* first) {
  while (first != nullptr) {
    abi::Addrinfo* next = first->next;
    free(first);
    first = next;
  }
}

extern "C" int il_getaddrinfo(const char* node, const char* service, const abi::Addrinfo* hints,
                              abi::Addrinfo** out) {
  addrinfo host = {};
  if (hints != nullptr && !hints_to_host(*hints, host)) return name_error(EAI_BADFLAGS);
  if (host.ai_family < 0) return name_error(EAI_FAMILY);
  if (host.ai_socktype < 0) return name_error(EAI_SOCKTYPE);
  addrinfo* list = nullptr;
  if (const int error = getaddrinfo(node, service, &host, &list); error != 0)
    return name_error(error);
  *out = nullptr;
  abi::Addrinfo** end = out;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    Piece* piece = make_piece(*entry);
    if (piece == nullptr) break;
    *end = &piece->entry;
    end = &piece->entry.next;
  }
  freeaddrinfo(list);
  return *out != nullptr ? 0 : name_error(EAI_MEMORY);
}

extern "C" int il_getnameinfo(const void* address, uint32_t size, char* host, uint32_t host_size,
                              char* service, uint32_t service_size, int flags) {
  const HostAddress own(address, size);
  int64_t rest = 0;
  const auto host_flag = static_cast<int>(host_flags(kInfoFlags, flags, rest));
  return name_error(
      getnameinfo(own.get(), own.size(), host, host_size, service, service_size, host_flag));
}

extern "C" const char* il_gai_strerror(int error) {
  constexpr int kCount = sizeof kErrorTexts / sizeof kErrorTexts[0];
  return error >= 0 && error < kCount ? kErrorTexts[error] : "Unknown error";
}

extern "C" int* il___h_errno() { return &guest_h_errno; }

extern "C" abi::Hostent* il_gethostbyname(const char* name) { return found(gethostbyname(name)); }

extern "C" abi::Hostent* il_gethostbyname2(const char* name, int family) {
  return found(gethostbyname2(name, family_to_host(family)));
}

extern "C" abi::Hostent* il_gethostbyaddr(const void* address, uint32_t size, int family) {
  return found(gethostbyaddr(address, size, family_to_host(family)));
}

extern "C" abi::Hostent* il_gethostent() { return found(gethostent()); }

extern "C" abi::Hostent* il_gethostbyname_r(const char* name, hostent* out, char* room, int size,
                                            int* error) {
  hostent* result = nullptr;
  const int failed = gethostbyname_r(name, out, room, static_cast<size_t>(size), &result, error);
  return with_family(found_in(failed, result));
}

extern "C" abi::Hostent* il_gethostbyaddr_r(const void* address, int length, int family,
                                            hostent* out, char* room, int size, int* error) {
  hostent* result = nullptr;
  const int failed =
      gethostbyaddr_r(address, static_cast<socklen_t>(length), family_to_host(family), out, room,
                      static_cast<size_t>(size), &result, error);
  return with_family(found_in(failed, result));
}

extern "C" abi::Hostent* il_getipnodebyname(const char* name, int family, int, int* error) {
  char room[kScratch];
  hostent host, *result = nullptr;
  if (gethostbyname2_r(name, family_to_host(family), &host, room, sizeof room, &result, error) !=
          0 ||
      result == nullptr)
    return nullptr;
  return copy_of(*result);
}

extern "C" abi::Hostent* il_getipnodebyaddr(const void* address, size_t size, int family,
                                            int* error) {
  char room[kScratch];
  hostent host, *result = nullptr;
  if (gethostbyaddr_r(address, static_cast<socklen_t>(size), family_to_host(family), &host, room,
                      sizeof room, &result, error) != 0 ||
      result == nullptr)
    return nullptr;
  return copy_of(*result);
}

extern "C" servent* il_getservbyname_r(const char* name, const char* protocol, servent* out,
                                       char* room, int size) {
  servent* result = nullptr;
  return found_in(getservbyname_r(name, protocol, out, room, static_cast<size_t>(size), &result),
                  result);
}

extern "C" servent* il_getservbyport_r(int port, const char* protocol, servent* out, char* room,
                                       int size) {
  servent* result = nullptr;
  return found_in(getservbyport_r(port, protocol, out, room, static_cast<size_t>(size), &result),
                  result);
}

extern "C" protoent* il_getprotobyname_r(const char* name, protoent* out, char* room, int size) {
  protoent* result = nullptr;
  return found_in(getprotobyname_r(name, out, room, static_cast<size_t>(size), &result), result);
}

extern "C" protoent* il_getprotobynumber_r(int number, protoent* out, char* room, int size) {
  protoent* result = nullptr;
  return found_in(getprotobynumber_r(number, out, room, static_cast<size_t>(size), &result),
                  result);
}

extern "C" servent* il_getservent_r(servent* out, char* room, int size) {
  servent* result = nullptr;
  return found_in(getservent_r(out, room, static_cast<size_t>(size), &result), result);
}

extern "C" protoent* il_getprotoent_r(protoent* out, char* room, int size) {
  protoent* result = nullptr;
  return found_in(getprotoent_r(out, room, static_cast<size_t>(size), &result), result);
}

extern "C" abi::Hostent* il_gethostent_r(hostent* out, char* room, int size, int* error) {
  hostent* result = nullptr;
  return with_family(
      found_in(gethostent_r(out, room, static_cast<size_t>(size), &result, error), result));
}

extern "C" netent* il_getnetbyaddr(uint32_t net, int family) {
  return getnetbyaddr(net, family_to_host(family));
}

extern "C" void il_herror(const char* prefix) {
  fprintf(stderr, "%s: %s\n", prefix != nullptr ? prefix : "", hstrerror(guest_h_errno));
}

// The families' calls that open and close the files say 0.
extern "C" int il_sethostent(int stay) {
  sethostent(stay);
  return 0;
}

extern "C" int il_endhostent() {
  endhostent();
  return 0;
}

extern "C" int il_setservent(int stay) {
  setservent(stay);
  return 0;
}

extern "C" int il_endservent() {
  endservent();
  return 0;
}

extern "C" int il_setprotoent(int stay) {
  setprotoent(stay);
  return 0;
}

extern "C" int il_endprotoent() {
  endprotoent();
  return 0;
}

extern "C" int il_setnetent(int stay) {
  setnetent(stay);
  return 0;
}

extern "C" int il_endnetent() {
  endnetent();
  return 0;
}

extern "C" const char* il_inet_ntop(int family, const void* address, char* text, uint32_t size) {
  const char* result = inet_ntop(family_to_host(family), address, text, size);
  if (result == nullptr) set_socket_errno();
  return result;
}

extern "C" int il_inet_pton(int family, const char* text, void* address) {
  const int result = inet_pton(family_to_host(family), text, address);
  return result >= 0 ? result : socket_fail(EAFNOSUPPORT);
}

extern "C" char* il_inet_ntoa_r(in_addr address, char* text) {
  return const_cast<char*>(inet_ntop(AF_INET, &address, text, INET_ADDRSTRLEN));
}

extern "C" unsigned il_if_nametoindex(const char* name) {
  const unsigned index = if_nametoindex(name);
  if (index == 0) (void)fail(ENXIO);
  return index;
}
