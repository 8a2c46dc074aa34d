// SPDX-License-Identifier: MIT
//
// Sockets as illumos lays them out. Source: illumos <sys/socket.h>, <netinet/in.h>,
// <sys/sendfile.h>.
#pragma once

#include <cstddef>
#include <cstdint>

namespace portc::illumos::abi {

struct SockaddrIn6 {
  uint16_t family;
  uint16_t port;
  uint32_t flowinfo;
  uint8_t address[16];
  uint32_t scope_id;
  uint32_t source_id;
};
static_assert(sizeof(SockaddrIn6) == 32);
static_assert(offsetof(SockaddrIn6, address) == 8 && offsetof(SockaddrIn6, scope_id) == 24);

constexpr size_t kSockaddrStorage = 256;

struct SockaddrDl {
  uint16_t family;
  uint16_t index;
  uint8_t type;
  uint8_t name_length;
  uint8_t address_length;
  uint8_t selector_length;
  char data[244];
};
static_assert(sizeof(SockaddrDl) == 252 && offsetof(SockaddrDl, data) == 8);

// With rights, the older of the two forms, the last three members are the descriptors, their
// size, and nothing.
struct Msghdr {
  void* name;
  uint32_t name_size;
  void* parts;
  int part_count;
  void* control;
  uint32_t control_size;
  int flags;
};
static_assert(sizeof(Msghdr) == 48);
static_assert(offsetof(Msghdr, parts) == 16 && offsetof(Msghdr, part_count) == 24);
static_assert(offsetof(Msghdr, control) == 32 && offsetof(Msghdr, control_size) == 40);
static_assert(offsetof(Msghdr, flags) == 44);

// Data follow at once; the next header is at the next multiple of four.
struct Cmsghdr {
  uint32_t size;
  int level;
  int type;
};
static_assert(sizeof(Cmsghdr) == 12);

struct IpMreqSource {
  uint32_t group;
  uint32_t source;
  uint32_t interface;
};
static_assert(sizeof(IpMreqSource) == 12);

// Packed to four bytes.
struct GroupReq {
  uint32_t interface;
  uint8_t group[kSockaddrStorage];
};
static_assert(sizeof(GroupReq) == 260 && offsetof(GroupReq, group) == 4);

struct GroupSourceReq {
  uint32_t interface;
  uint8_t group[kSockaddrStorage];
  uint8_t source[kSockaddrStorage];
};
static_assert(sizeof(GroupSourceReq) == 516 && offsetof(GroupSourceReq, source) == 260);

struct Sendfilevec {
  int file;
  unsigned flag;
  int64_t offset;
  uint64_t size;
};
static_assert(sizeof(Sendfilevec) == 24 && offsetof(Sendfilevec, offset) == 8);

// Numbers that no table has, because they mean something else on Linux or nothing.
constexpr int kSolSocket = 0xffff;
constexpr int kScmRights = 0x1010;
constexpr int kScmUcred = 0x1012;
constexpr int kScmTimestamp = 0x1013;
constexpr int kIpRecvTtl = 0xb;

}  // namespace portc::illumos::abi
