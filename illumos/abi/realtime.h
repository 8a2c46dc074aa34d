// SPDX-License-Identifier: MIT
//
// Source: illumos <sys/aiocb.h>, <sys/aio.h>, <mqueue.h>.
#pragma once

#include "illumos/abi/signal.h"

namespace portc::illumos::abi {

constexpr int kAioCanceled = 0;
constexpr int kAioAllDone = 1;
constexpr int kAioNotCanceled = 2;
constexpr int kLioNoWait = 0;
constexpr int kLioWait = 1;
constexpr int kLioNop = 0;
constexpr int kLioRead = 1;
constexpr int kLioWrite = 2;

constexpr int kOSync = 0x10;
constexpr int kODsync = 0x40;

struct Aiocb {
  int32_t fd;
  int32_t pad;
  void* buffer;
  uint64_t size;
  int64_t offset;
  int32_t priority;
  int32_t pad2;
  SigEvent event;
  int32_t opcode;
  int32_t pad3;
  int64_t result;
  int32_t error;
  int32_t pad4;
  int32_t state;
  int32_t pad5;
};
static_assert(sizeof(Aiocb) == 112);
static_assert(offsetof(Aiocb, buffer) == 8);
static_assert(offsetof(Aiocb, offset) == 24);
static_assert(offsetof(Aiocb, event) == 40);
static_assert(offsetof(Aiocb, opcode) == 80);
static_assert(offsetof(Aiocb, result) == 88);
static_assert(offsetof(Aiocb, error) == 96);
static_assert(offsetof(Aiocb, state) == 104);

struct MqAttr {
  int64_t flags;
  int64_t max_messages;
  int64_t message_size;
  int64_t messages;
  int32_t pad[12];
};
static_assert(sizeof(MqAttr) == 80);

}  // namespace portc::illumos::abi
