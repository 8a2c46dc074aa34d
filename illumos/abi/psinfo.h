// SPDX-License-Identifier: MIT
//
// What /proc/PID/psinfo holds. Source: illumos <sys/procfs.h>, proc(5).
#pragma once

#include <cstddef>
#include <cstdint>

#include "illumos/abi/files.h"

namespace portc::illumos::abi {

struct ProcessInfo {
  int32_t flags;
  int32_t threads;
  int32_t process, parent, group, session;
  uint32_t user, effective_user, group_id, effective_group_id;
  uint64_t address;
  uint64_t size;      // in kilobytes
  uint64_t resident;  // likewise
  uint64_t padding;
  uint64_t terminal;
  uint16_t processor_share, memory_share;
  Timespec started, time, time_of_children;
  char name[16];
  char arguments[80];
  int32_t wait_status;
  int32_t argument_count;
  uint64_t argument_vector, environment_vector;
  char data_model;
  char padding2[3];
  int32_t task, project, zombies, pool, zone, contract, filler;
  char thread[128];
};
static_assert(sizeof(ProcessInfo) == 416);
static_assert(offsetof(ProcessInfo, address) == 40);
static_assert(offsetof(ProcessInfo, resident) == 56);
static_assert(offsetof(ProcessInfo, started) == 88);
static_assert(offsetof(ProcessInfo, name) == 136);
static_assert(offsetof(ProcessInfo, arguments) == 152);
static_assert(offsetof(ProcessInfo, argument_vector) == 240);
static_assert(offsetof(ProcessInfo, data_model) == 256);
static_assert(offsetof(ProcessInfo, thread) == 288);

}  // namespace portc::illumos::abi
