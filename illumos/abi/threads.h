// SPDX-License-Identifier: MIT
//
// illumos's threads and what synchronises them. What a guest initialises statically is as illumos
// has it; what only libc writes is laid out for rt/ here.
// Source: illumos <pthread.h>, <thread.h>, <synch.h>, <sys/types.h>, <semaphore.h>.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace portc::illumos::abi {

using ThreadId = uint32_t;
using Key = uint32_t;

constexpr int kThrBound = 0x1;
constexpr int kThrNewLwp = 0x2;
constexpr int kThrDetached = 0x40;
constexpr int kThrSuspended = 0x80;
constexpr int kThrDaemon = 0x100;

constexpr int kScopeSystem = 1;
constexpr int kInheritSched = 1;

constexpr int kCancelDisable = 1;
constexpr int kCancelAsynchronous = 2;
inline void* const kCanceled = reinterpret_cast<void*>(intptr_t{-19});

constexpr int kBarrierSerialThread = -2;

// Kinds of locks; bits of their `type`.
constexpr uint8_t kShared = 0x01;
constexpr uint8_t kErrorCheck = 0x02;
constexpr uint8_t kRecursive = 0x04;
constexpr uint8_t kSharedRobust = 0x08;  // older name of kShared | kRobust
constexpr uint8_t kPrioInherit = 0x10;
constexpr uint8_t kPrioProtect = 0x20;
constexpr uint8_t kRobust = 0x40;

// Mutex::flags.
constexpr uint16_t kOwnerDead = 0x1;
constexpr uint16_t kNotRecoverable = 0x2;
constexpr uint16_t kInited = 0x4;

constexpr uint16_t kMutexMagic = 0x4d58;
constexpr uint16_t kSemaMagic = 0x534d;
constexpr uint16_t kCondMagic = 0x4356;
constexpr uint16_t kRwlockMagic = 0x5257;

// Also pthread_spinlock_t.
struct Mutex {
  uint16_t flags;
  uint8_t flag2;
  uint8_t ceiling;
  uint8_t type;
  uint8_t depth;  // of a recursive one: how often it was locked again
  uint16_t magic;
  uint32_t pad;
  std::atomic<uint32_t> word;   // 0 free, 1 held, 2 held and somebody waits
  std::atomic<uint64_t> owner;  // owner_token() of rt/threads.h; 0 if free
};
static_assert(sizeof(Mutex) == 24);
static_assert(offsetof(Mutex, type) == 4);
static_assert(offsetof(Mutex, magic) == 6);

struct Cond {
  uint8_t pad[1];
  uint8_t clock;  // illumos's number; 0 is the time of day, as 3 is
  uint8_t pad2[2];
  uint16_t type;
  uint16_t magic;
  std::atomic<uint32_t> sequence;  // changes with each wake-up
  std::atomic<uint32_t> waiters;
};
static_assert(sizeof(Cond) == 16);
static_assert(offsetof(Cond, type) == 4);
static_assert(offsetof(Cond, magic) == 6);

struct Rwlock {
  std::atomic<uint32_t> state;  // rt/rwlock.cc
  uint16_t type;
  uint16_t magic;
  uint64_t pad[2];
  std::atomic<uint64_t> owner;  // of the writer; as Mutex::owner
  uint64_t pad2;
  std::atomic<uint32_t> waiting_writers;
  uint32_t pad3;
  uint64_t pad4[2];
};
static_assert(sizeof(Rwlock) == 64);
static_assert(offsetof(Rwlock, type) == 4);

struct Barrier {
  uint32_t count;
  uint32_t type;
  std::atomic<uint64_t> state;  // how many have arrived; in the upper half, how often it opened
  std::atomic<uint32_t> leaving;
  uint32_t pad[11];
};
static_assert(sizeof(Barrier) == 64);

struct Once {
  uint64_t pad[3];
  std::atomic<uint32_t> busy;  // 0, 1 being done, 2 and somebody waits
  std::atomic<uint32_t> done;
};
static_assert(sizeof(Once) == 32);
static_assert(offsetof(Once, done) == 28);

// sem_t and sema_t.
struct Semaphore {
  std::atomic<uint32_t> count;  // the top bit: somebody waits
  uint16_t type;
  uint16_t magic;
  std::atomic<uint32_t> waiters;
  uint32_t pad;
  uint64_t pad2[4];
};
static_assert(sizeof(Semaphore) == 48);
static_assert(offsetof(Semaphore, type) == 4);

struct Cleanup {
  Cleanup* next;
  void (*routine)(void*);
  void* argument;
  void* frame;
};
static_assert(sizeof(Cleanup) == 32);

struct SchedParam {
  int32_t priority;
  int32_t pad[8];
};

}  // namespace portc::illumos::abi
