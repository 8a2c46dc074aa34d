// SPDX-License-Identifier: MIT
//
// Network interfaces. illumos has a logical interface for each address: the first has the
// device's name, the others a number behind it ("net0:1"), for each family by itself.
// Source: illumos <net/if.h>, <sys/sockio.h>, <net/if_dl.h>; if_tcp(4P).
#include "illumos/rt/interfaces.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "illumos/abi/netdb.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/numbers.h"
#include "illumos/rt/socket_address.h"

namespace portc::illumos {
namespace {

constexpr Number kFlags[] = {
#include "illumos/tables/interface_flags.inc"
};
constexpr uint64_t kIpv4Flag = 0x01000000, kIpv6Flag = 0x02000000;
constexpr uint16_t kAfLink = 25;
constexpr uint32_t kTypeOther = 1, kTypeEther = 6, kTypeLoop = 24;

uint64_t flags_to_guest(unsigned host, int family) {
  uint64_t guest = static_cast<uint64_t>(guest_flags(kFlags, host));
  if (family == AF_INET) guest |= kIpv4Flag;
  if (family == AF_INET6) guest |= kIpv6Flag;
  return guest;
}

bool is_internet(const ifaddrs& entry) {
  return entry.ifa_addr != nullptr &&
         (entry.ifa_addr->sa_family == AF_INET || entry.ifa_addr->sa_family == AF_INET6);
}

socklen_t size_of(const sockaddr& address) {
  if (address.sa_family == AF_INET) return sizeof(sockaddr_in);
  if (address.sa_family == AF_INET6) return sizeof(sockaddr_in6);
  return sizeof(sockaddr_ll);
}

int prefix_of(const sockaddr* netmask) {
  if (netmask == nullptr) return 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(netmask);
  const bool four = netmask->sa_family == AF_INET;
  bytes += four ? offsetof(sockaddr_in, sin_addr) : offsetof(sockaddr_in6, sin6_addr);
  int bits = 0;
  for (int i = 0; i < (four ? 4 : 16); ++i) bits += __builtin_popcount(bytes[i]);
  return bits;
}

bool is_link_local(const ifaddrs& entry) {
  if (entry.ifa_addr->sa_family != AF_INET6) return false;
  const auto* address = reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr);
  return IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr);
}

uint32_t type_to_guest(int hardware) {
  if (hardware == ARPHRD_ETHER) return kTypeEther;
  return hardware == ARPHRD_LOOPBACK ? kTypeLoop : kTypeOther;
}

// The whole list, for as long as this lives.
class List {
 public:
  List() {
    if (getifaddrs(&first_) != 0) first_ = nullptr;
  }
  ~List() {
    if (first_ != nullptr) freeifaddrs(first_);
  }
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  ifaddrs* first() const { return first_; }

  // How many addresses of the same family the same device has before this one. IPv6's first is
  // the link's own, whatever Linux lists first.
  int number_of(const ifaddrs& wanted) const {
    int number = 0;
    bool behind = false;
    for (const ifaddrs* entry = first_; entry != nullptr; entry = entry->ifa_next) {
      behind = behind || entry == &wanted;
      if (entry == &wanted || entry->ifa_addr == nullptr ||
          entry->ifa_addr->sa_family != wanted.ifa_addr->sa_family ||
          strcmp(entry->ifa_name, wanted.ifa_name) != 0)
        continue;
      const bool own = is_link_local(*entry), wanted_own = is_link_local(wanted);
      number += own != wanted_own ? own : !behind;
    }
    return number;
  }

  // A logical interface's address; null if there is none.
  const ifaddrs* find(const char* name, int family) const {
    for (const ifaddrs* entry = first_; entry != nullptr; entry = entry->ifa_next) {
      if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != family) continue;
      char own[abi::kLifName];
      write_name(*entry, own, sizeof own);
      if (strcmp(own, name) == 0) return entry;
    }
    return nullptr;
  }

  void write_name(const ifaddrs& entry, char* to, size_t room) const {
    const int number = number_of(entry);
    if (number == 0)
      snprintf(to, room, "%s", entry.ifa_name);
    else
      snprintf(to, room, "%s:%d", entry.ifa_name, number);
  }

  uint32_t type_of(const char* device) const {
    for (const ifaddrs* entry = first_; entry != nullptr; entry = entry->ifa_next)
      if (entry->ifa_addr != nullptr && entry->ifa_addr->sa_family == AF_PACKET &&
          strcmp(entry->ifa_name, device) == 0)
        return type_to_guest(reinterpret_cast<sockaddr_ll*>(entry->ifa_addr)->sll_hatype);
    return kTypeOther;
  }

 private:
  ifaddrs* first_ = nullptr;
};

bool is_wanted(const ifaddrs& entry, int host_family) {
  return is_internet(entry) &&
         (host_family == AF_UNSPEC || entry.ifa_addr->sa_family == host_family);
}

int count_interfaces(abi::Lifnum& request) {
  const List list;
  const int family = family_to_host(request.family);
  request.count = 0;
  for (const ifaddrs* entry = list.first(); entry != nullptr; entry = entry->ifa_next)
    request.count += is_wanted(*entry, family);
  return 0;
}

int list_interfaces(abi::Lifconf& request) {
  const List list;
  const int family = family_to_host(request.family);
  const size_t room =
      request.size < 0 ? 0 : static_cast<size_t>(request.size) / sizeof(abi::Lifreq);
  size_t count = 0;
  for (const ifaddrs* entry = list.first(); entry != nullptr; entry = entry->ifa_next) {
    if (!is_wanted(*entry, family)) continue;
    if (count == room) return fail(EINVAL);
    abi::Lifreq& out = request.entries[count++];
    memset(&out, 0, sizeof out);
    list.write_name(*entry, out.name, sizeof out.name);
    out.prefix = prefix_of(entry->ifa_netmask);
    out.type = list.type_of(entry->ifa_name);
    address_to_guest(entry->ifa_addr, size_of(*entry->ifa_addr), out.address, sizeof out.address);
  }
  request.size = static_cast<int>(count * sizeof(abi::Lifreq));
  return 0;
}

// The device of a logical interface.
ifreq host_request(const char* name, size_t room) {
  ifreq host = {};
  for (size_t i = 0; i < room && i < IFNAMSIZ - 1 && name[i] != '\0' && name[i] != ':'; ++i)
    host.ifr_name[i] = name[i];
  return host;
}

int family_of_socket(int fd) {
  int family = AF_INET;
  socklen_t size = sizeof family;
  (void)getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
  return family;
}

int ask(int fd, unsigned long request, ifreq& host) {
  if (ioctl(fd, request, &host) == 0) return 0;
  return fail(errno == ENODEV ? ENXIO : errno);
}

int put_address(const sockaddr* address, abi::Lifreq& out) {
  if (address == nullptr) return fail(EADDRNOTAVAIL);
  memset(out.address, 0, sizeof out.address);
  address_to_guest(address, size_of(*address), out.address, sizeof out.address);
  return 0;
}

enum class What { kAddress, kOther, kNetmask, kSubnet };

int get_address(int fd, abi::Lifreq& request, What what) {
  const List list;
  request.name[sizeof request.name - 1] = '\0';
  const ifaddrs* entry = list.find(request.name, family_of_socket(fd));
  if (entry == nullptr) return fail(ENXIO);
  request.prefix = prefix_of(entry->ifa_netmask);
  switch (what) {
    case What::kNetmask:
      return put_address(entry->ifa_netmask, request);
    case What::kOther:
      return put_address(entry->ifa_broadaddr, request);
    default:
      return put_address(entry->ifa_addr, request);
  }
}

void write_link_address(const sockaddr_ll& host, const char* name, abi::SockaddrDl& out) {
  memset(&out, 0, sizeof out);
  out.family = kAfLink;
  out.index = static_cast<uint16_t>(host.sll_ifindex);
  out.type = static_cast<uint8_t>(type_to_guest(host.sll_hatype));
  const size_t length = strnlen(name, IFNAMSIZ);
  out.name_length = static_cast<uint8_t>(length);
  out.address_length = host.sll_hatype == ARPHRD_LOOPBACK ? 0 : host.sll_halen;
  memcpy(out.data, name, length);
  memcpy(out.data + length, host.sll_addr, out.address_length);
}

int get_hardware_address(abi::Lifreq& request) {
  const List list;
  const ifreq device = host_request(request.name, sizeof request.name);
  for (const ifaddrs* entry = list.first(); entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_PACKET ||
        strcmp(entry->ifa_name, device.ifr_name) != 0)
      continue;
    abi::SockaddrDl link;
    write_link_address(*reinterpret_cast<sockaddr_ll*>(entry->ifa_addr), entry->ifa_name, link);
    if (link.address_length == 0) return fail(EADDRNOTAVAIL);
    memcpy(request.address, &link, sizeof link);
    return 0;
  }
  return fail(ENXIO);
}

int get_flags(int fd, abi::Lifreq& request) {
  ifreq host = host_request(request.name, sizeof request.name);
  if (ask(fd, SIOCGIFFLAGS, host) != 0) return -1;
  request.flags = flags_to_guest(static_cast<uint16_t>(host.ifr_flags), family_of_socket(fd));
  return 0;
}

int get_number(int fd, abi::Lifreq& request, unsigned long host_name) {
  ifreq host = host_request(request.name, sizeof request.name);
  if (ask(fd, host_name, host) != 0) return -1;
  request.index = host.ifr_ifindex;  // one union: the mtu and the metric are there too
  return 0;
}

// The older requests, with a smaller structure and IPv4 only.
int list_old(abi::Ifconf& request) {
  const List list;
  const size_t room = request.size < 0 ? 0 : static_cast<size_t>(request.size) / sizeof(abi::Ifreq);
  size_t count = 0;
  for (const ifaddrs* entry = list.first(); entry != nullptr; entry = entry->ifa_next) {
    if (!is_wanted(*entry, AF_INET)) continue;
    if (count == room) break;
    abi::Ifreq& out = request.entries[count++];
    memset(&out, 0, sizeof out);
    list.write_name(*entry, out.name, sizeof out.name);
    memcpy(out.address, entry->ifa_addr, sizeof out.address);
  }
  request.size = static_cast<int>(count * sizeof(abi::Ifreq));
  return 0;
}

int count_old(int& count) {
  abi::Lifnum request = {};
  request.family = AF_INET;
  if (count_interfaces(request) != 0) return -1;
  count = request.count;
  return 0;
}

int get_old(int fd, abi::Ifreq& request, unsigned long host_name) {
  ifreq host = host_request(request.name, sizeof request.name);
  if (ask(fd, host_name, host) != 0) return -1;
  if (host_name == SIOCGIFFLAGS)
    request.flags =
        static_cast<int16_t>(flags_to_guest(static_cast<uint16_t>(host.ifr_flags), AF_UNSPEC));
  else
    memcpy(request.address, &host.ifr_addr, sizeof request.address);
  return 0;
}

bool old_ioctl(int fd, unsigned request, void* argument, int& result) {
  unsigned long host = 0;
  switch (request) {
    case 0xc008695c:  // SIOCGIFCONF
    case 0xc0086914:  // O_SIOCGIFCONF
      result = list_old(*static_cast<abi::Ifconf*>(argument));
      return true;
    case 0x40046957:  // SIOCGIFNUM
      result = count_old(*static_cast<int*>(argument));
      return true;
    case 0xc020690d:
      host = SIOCGIFADDR;
      break;
    case 0xc020690f:
      host = SIOCGIFDSTADDR;
      break;
    case 0xc0206911:
      host = SIOCGIFFLAGS;
      break;
    case 0xc0206916:
      host = SIOCGIFMTU;
      break;
    case 0xc0206917:
      host = SIOCGIFBRDADDR;
      break;
    case 0xc0206919:
      host = SIOCGIFNETMASK;
      break;
    case 0xc020691b:
      host = SIOCGIFMETRIC;
      break;
    case 0xc020695a:
      host = SIOCGIFINDEX;
      break;
    default:
      return false;
  }
  result = get_old(fd, *static_cast<abi::Ifreq*>(argument), host);
  return true;
}

int link_request(int fd, unsigned request, abi::Lifreq& argument) {
  switch (request) {
    case 0xc0786971:  // SIOCGLIFADDR
      return get_address(fd, argument, What::kAddress);
    case 0xc0786973:  // SIOCGLIFDSTADDR
    case 0xc078697b:  // SIOCGLIFBRDADDR
      return get_address(fd, argument, What::kOther);
    case 0xc078697d:  // SIOCGLIFNETMASK
      return get_address(fd, argument, What::kNetmask);
    case 0xc078698a:  // SIOCGLIFSUBNET
      return get_address(fd, argument, What::kSubnet);
    case 0xc0786975:  // SIOCGLIFFLAGS
      return get_flags(fd, argument);
    case 0xc078697a:  // SIOCGLIFMTU
      return get_number(fd, argument, SIOCGIFMTU);
    case 0xc078697f:  // SIOCGLIFMETRIC
      return get_number(fd, argument, SIOCGIFMETRIC);
    case 0xc0786985:  // SIOCGLIFINDEX
      return get_number(fd, argument, SIOCGIFINDEX);
    case 0xc07869c0:  // SIOCGLIFHWADDR
      return get_hardware_address(argument);
    default:
      return fail(ENOTTY);
  }
}

bool is_link_request(unsigned request) {
  // _IOWR('i', ..., struct lifreq)
  return (request & 0xffffff00U) == 0xc0786900U;
}

// One entry of getifaddrs, in one piece of memory with what it points to.
struct Piece {
  abi::Ifaddrs entry;
  alignas(8) uint8_t addresses[3][abi::kSockaddrStorage];
  char name[abi::kLifName];
};

void* copy_address(const sockaddr* host, uint8_t* to) {
  if (host == nullptr) return nullptr;
  address_to_guest(host, size_of(*host), to, abi::kSockaddrStorage);
  return to;
}

Piece* make_piece(const List& list, const ifaddrs& host) {
  auto* piece = static_cast<Piece*>(calloc(1, sizeof(Piece)));
  if (piece == nullptr) return nullptr;
  piece->entry.name = piece->name;
  const int family = host.ifa_addr->sa_family;
  piece->entry.flags = flags_to_guest(host.ifa_flags, family);
  if (family == AF_PACKET) {
    snprintf(piece->name, sizeof piece->name, "%s", host.ifa_name);
    auto* link = reinterpret_cast<abi::SockaddrDl*>(piece->addresses[0]);
    write_link_address(*reinterpret_cast<sockaddr_ll*>(host.ifa_addr), host.ifa_name, *link);
    piece->entry.address = link;
    return piece;
  }
  list.write_name(host, piece->name, sizeof piece->name);
  piece->entry.address = copy_address(host.ifa_addr, piece->addresses[0]);
  piece->entry.netmask = copy_address(host.ifa_netmask, piece->addresses[1]);
  piece->entry.other = copy_address(host.ifa_broadaddr, piece->addresses[2]);
  return piece;
}

}  // namespace

bool interface_ioctl(int fd, unsigned request, void* argument, int& result) {
  if (request == 0xc00c6982) {  // SIOCGLIFNUM
    result = count_interfaces(*static_cast<abi::Lifnum*>(argument));
  } else if (request == 0xc01069a5 || request == 0xc0106978) {  // SIOCGLIFCONF, O_SIOCGLIFCONF
    result = list_interfaces(*static_cast<abi::Lifconf*>(argument));
  } else if (is_link_request(request)) {
    result = link_request(fd, request, *static_cast<abi::Lifreq*>(argument));
  } else {
    return old_ioctl(fd, request, argument, result);
  }
  return true;
}

}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" void il_freeifaddrs(abi::Ifaddrs* first) {
  while (first != nullptr) {
    abi::Ifaddrs* next = first->next;
    free(first);
    first = next;
  }
}

extern "C" int il_getifaddrs(abi::Ifaddrs** out) {
  const List list;
  abi::Ifaddrs* first = nullptr;
  abi::Ifaddrs** end = &first;
  for (const ifaddrs* entry = list.first(); entry != nullptr; entry = entry->ifa_next) {
    if (!is_internet(*entry) &&
        (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_PACKET))
      continue;
    Piece* piece = make_piece(list, *entry);
    if (piece == nullptr) {
      il_freeifaddrs(first);
      return fail(ENOMEM);
    }
    *end = &piece->entry;
    end = &piece->entry.next;
  }
  *out = first;
  return 0;
}
