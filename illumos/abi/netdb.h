// SPDX-License-Identifier: MIT
//
// Names and interfaces as illumos lays them out. Source: illumos <netdb.h>, <ifaddrs.h>,
// <net/if.h>.
#pragma once

#include <cstddef>
#include <cstdint>

#include "illumos/abi/socket.h"

namespace portc::illumos::abi {

// The name comes before the address here, after it on Linux.
struct Addrinfo {
  int flags;
  int family;
  int type;
  int protocol;
  uint32_t address_size;
  char* name;
  void* address;
  Addrinfo* next;
};
static_assert(sizeof(Addrinfo) == 48 && offsetof(Addrinfo, name) == 24);
static_assert(offsetof(Addrinfo, address) == 32 && offsetof(Addrinfo, next) == 40);

struct Hostent {
  char* name;
  char** aliases;
  int family;
  int size;
  char** addresses;
};
static_assert(sizeof(Hostent) == 32 && offsetof(Hostent, addresses) == 24);

struct Ifaddrs {
  Ifaddrs* next;
  char* name;
  uint64_t flags;
  void* address;
  void* netmask;
  void* other;  // broadcast address, or the other end
  void* data;
};
static_assert(sizeof(Ifaddrs) == 56 && offsetof(Ifaddrs, address) == 24);

constexpr size_t kLifName = 32;

struct Lifreq {
  char name[kLifName];
  int prefix;
  uint32_t type;
  union {
    alignas(8) uint8_t address[kSockaddrStorage];
    int index;
    uint64_t flags;
    int metric;
    uint32_t mtu;
    uint8_t whole[336];
  };
};
static_assert(sizeof(Lifreq) == 376 && offsetof(Lifreq, address) == 40);

struct Lifnum {
  uint16_t family;
  int flags;
  int count;
};
static_assert(sizeof(Lifnum) == 12 && offsetof(Lifnum, count) == 8);

struct Lifconf {
  uint16_t family;
  int flags;
  int size;
  Lifreq* entries;
};
static_assert(sizeof(Lifconf) == 24 && offsetof(Lifconf, entries) == 16);

constexpr size_t kIfName = 16;

struct Ifreq {
  char name[kIfName];
  union {
    uint8_t address[16];
    int16_t flags;
    int number;
  };
};
static_assert(sizeof(Ifreq) == 32);

struct Ifconf {
  int size;
  Ifreq* entries;
};
static_assert(sizeof(Ifconf) == 16);

}  // namespace portc::illumos::abi
