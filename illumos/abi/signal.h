// SPDX-License-Identifier: MIT
//
// illumos's signal sets, actions, information and machine contexts.
// Source: illumos <sys/signal.h>, <sys/siginfo.h>, <sys/ucontext.h>, <sys/mcontext.h> and
// <sys/regset.h>, as a 64-bit program sees them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace portc::illumos::abi {

struct SigSet {
  uint32_t bits[4];  // signal n is bit n - 1
};
static_assert(sizeof(SigSet) == 16);

constexpr uint64_t kSigDefault = 0;
constexpr uint64_t kSigIgnore = 1;
constexpr uint64_t kSigHold = 2;  // sigset() only
constexpr uint64_t kSigError = ~uint64_t{0};

constexpr int kSigBlock = 1;
constexpr int kSigUnblock = 2;
constexpr int kSigSetMask = 3;

constexpr int kMaxSignal = 73;

constexpr uint32_t kSaOnStack = 0x1;
constexpr uint32_t kSaResetHand = 0x2;
constexpr uint32_t kSaRestart = 0x4;
constexpr uint32_t kSaSigInfo = 0x8;
constexpr uint32_t kSaNoDefer = 0x10;
constexpr uint32_t kSaNoCldWait = 0x10000;
constexpr uint32_t kSaNoCldStop = 0x20000;

struct SigAction {
  uint32_t flags;
  uint32_t pad;
  uint64_t handler;
  SigSet mask;
};
static_assert(sizeof(SigAction) == 32);
static_assert(offsetof(SigAction, handler) == 8);
static_assert(offsetof(SigAction, mask) == 16);

struct Stack {
  void* sp;
  uint64_t size;
  int32_t flags;
  int32_t pad;
};
static_assert(sizeof(Stack) == 24);
static_assert(offsetof(Stack, size) == 8);
static_assert(offsetof(Stack, flags) == 16);

constexpr int32_t kSsOnStack = 1;
constexpr int32_t kSsDisable = 2;

union SigVal {
  int32_t number;
  void* pointer;
};
static_assert(sizeof(SigVal) == 8);

constexpr int32_t kSiNoInfo = 32767;
constexpr int32_t kSiUser = 0;
constexpr int32_t kSiLwp = -1;
constexpr int32_t kSiQueue = -2;
constexpr int32_t kSiTimer = -3;
constexpr int32_t kSiAsyncIo = -4;
constexpr int32_t kSiMesgq = -5;

struct SigInfo {
  int32_t signo;
  int32_t code;
  int32_t error;
  int32_t pad;
  union {
    int32_t words[60];
    struct {
      int32_t pid;
      int32_t pad;
      uint32_t uid;
      SigVal value;
      int32_t contract, zone_pad;
    } sent;
    struct {
      int32_t pid;
      int32_t pad;
      int64_t user_time;
      int32_t status;
      int64_t system_time;
      int32_t contract, zone;
    } child;
    struct {
      void* address;
      int32_t trap;
      void* pc;
    } fault;
    struct {
      int32_t fd;
      int64_t band;
    } file;
  };
};
static_assert(sizeof(SigInfo) == 256);
static_assert(offsetof(SigInfo, code) == 4);
static_assert(offsetof(SigInfo, error) == 8);
static_assert(offsetof(SigInfo, sent.pid) == 16);
static_assert(offsetof(SigInfo, sent.uid) == 24);
static_assert(offsetof(SigInfo, sent.value) == 32);
static_assert(offsetof(SigInfo, child.user_time) == 24);
static_assert(offsetof(SigInfo, child.status) == 32);
static_assert(offsetof(SigInfo, child.system_time) == 40);
static_assert(offsetof(SigInfo, child.contract) == 48);
static_assert(offsetof(SigInfo, fault.address) == 16);
static_assert(offsetof(SigInfo, fault.trap) == 24);
static_assert(offsetof(SigInfo, fault.pc) == 32);
static_assert(offsetof(SigInfo, file.band) == 24);

// Places in UContext::registers.
enum Register : uint8_t {
  kR15,
  kR14,
  kR13,
  kR12,
  kR11,
  kR10,
  kR9,
  kR8,
  kRdi,
  kRsi,
  kRbp,
  kRbx,
  kRdx,
  kRcx,
  kRax,
  kTrapNumber,
  kError,
  kRip,
  kCs,
  kFlags,
  kRsp,
  kSs,
  kFs,
  kGs,
  kEs,
  kDs,
  kFsBase,
  kGsBase,
  kRegisters,
};
static_assert(kRegisters == 28);

// As the FXSAVE instruction writes it; the rest is illumos's.
struct FpRegisters {
  alignas(16) uint8_t image[512];
  uint32_t status;   // the x87 status word at the exception
  uint32_t xstatus;  // mxcsr at the exception
  uint32_t pad[2];
};
static_assert(sizeof(FpRegisters) == 528);

constexpr uint64_t kUcSigMask = 0x1;
constexpr uint64_t kUcStack = 0x2;
constexpr uint64_t kUcCpu = 0x4;
constexpr uint64_t kUcFpu = 0x8;
constexpr uint64_t kUcAll = kUcSigMask | kUcStack | kUcCpu | kUcFpu;

struct UContext {
  uint64_t flags;
  UContext* link;
  SigSet mask;
  Stack stack;
  uint64_t pad;
  int64_t registers[kRegisters];
  FpRegisters fp;
  int64_t filler[6];
};
static_assert(sizeof(UContext) == 864);
static_assert(offsetof(UContext, link) == 8);
static_assert(offsetof(UContext, mask) == 16);
static_assert(offsetof(UContext, stack) == 32);
static_assert(offsetof(UContext, registers) == 64);
static_assert(offsetof(UContext, fp) == 288);
static_assert(offsetof(UContext, filler) == 816);

constexpr int32_t kSigevNone = 1;
constexpr int32_t kSigevSignal = 2;
constexpr int32_t kSigevThread = 3;
constexpr int32_t kSigevPort = 4;

struct SigEvent {
  int32_t notify;
  int32_t signo;
  SigVal value;
  void (*function)(SigVal);
  void* attributes;
  int32_t pad[2];
};
static_assert(sizeof(SigEvent) == 40);
static_assert(offsetof(SigEvent, value) == 8);
static_assert(offsetof(SigEvent, function) == 16);
static_assert(offsetof(SigEvent, attributes) == 24);

}  // namespace portc::illumos::abi
