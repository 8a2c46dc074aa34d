// SPDX-License-Identifier: MIT
//
// illumos's structures about processes, as its amd64 programs have them. The names, limits and
// times that are alike on both systems (rlimit, rusage, tms, timeval) are Linux's own.
// Source: illumos <sys/siginfo.h>, <sys/utsname.h>, <time.h>.
#pragma once

#include <cstddef>
#include <cstdint>

namespace portc::illumos::abi {

// What waitid tells; as much of siginfo_t as there is about a child.
struct ChildInfo {
  int32_t signal;
  int32_t code;
  int32_t error;
  int32_t padding;
  int32_t process;
  int32_t padding2;
  int64_t user_time;
  int32_t status;
  int32_t padding3;
  int64_t system_time;
  int32_t contract;
  int32_t zone;
  char rest[200];
};
static_assert(sizeof(ChildInfo) == 256);
static_assert(offsetof(ChildInfo, process) == 16);
static_assert(offsetof(ChildInfo, user_time) == 24);
static_assert(offsetof(ChildInfo, status) == 32);
static_assert(offsetof(ChildInfo, system_time) == 40);
static_assert(offsetof(ChildInfo, contract) == 48);

constexpr size_t kNameSize = 257;

struct Utsname {
  char system[kNameSize];
  char node[kNameSize];
  char release[kNameSize];
  char version[kNameSize];
  char machine[kNameSize];
};
static_assert(sizeof(Utsname) == 5 * kNameSize);

// Linux's has two members more.
struct Tm {
  int32_t second, minute, hour;
  int32_t day, month, year;
  int32_t week_day, year_day;
  int32_t daylight_saving;
};
static_assert(sizeof(Tm) == 36);

}  // namespace portc::illumos::abi
