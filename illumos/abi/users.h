// SPDX-License-Identifier: MIT
//
// Users as illumos lays them out; groups are as on Linux. Source: illumos <pwd.h>, <shadow.h>.
#pragma once

#include <cstddef>
#include <cstdint>

namespace portc::illumos::abi {

struct Passwd {
  char* name;
  char* password;
  uint32_t uid;
  uint32_t gid;
  char* age;
  char* comment;
  char* gecos;
  char* directory;
  char* shell;
};
static_assert(sizeof(Passwd) == 64 && offsetof(Passwd, age) == 24 && offsetof(Passwd, shell) == 56);

struct Spwd {
  char* name;
  char* password;
  int last_change, minimum, maximum, warning, inactive, expire;
  unsigned flag;
};
static_assert(sizeof(Spwd) == 48 && offsetof(Spwd, last_change) == 16);

}  // namespace portc::illumos::abi
