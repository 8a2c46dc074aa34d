// SPDX-License-Identifier: MIT
//
// A port of which another holder means no good: it writes over the shared memory, and does what it
// likes with the descriptors. The others may lose events and have to wait, as portc(7) SECURITY
// says; they do not crash, and they come back.
//
// What has to happen at a certain point inside the runtime is done by a hook of
// libportc/base/kill_point.h, which stands for another process that was quick.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>

#include "libportc/core/layout.h"

namespace hostile {

constexpr uint32_t kSlots = 64;
constexpr int kNotAllowed = 77;  // exit status: the case needs what the system refuses

#define EXPECT(condition) \
  ((condition) ? static_cast<void>(0) : ::hostile::fail(__FILE__, __LINE__, #condition))
[[noreturn]] void fail(const char* file, int line, const char* what);

// At every point of the runtime, in this process; null for nothing.
using Hook = void (*)(const char* point);
extern std::atomic<Hook> hook;
bool is(const char* point, const char* name);

// The one port of this process, as whoever has its descriptors sees it.
struct View {
  int port;
  int memory, doorbell, wake;
  portc::PortHeader* header;
  portc::Slot* slots;  // slots[0] is number 1
};
View make_port();

// How memory that all children share begins: zero.
void* shared_memory(size_t size);

// A child that runs the body and exits with 0; it dies with its parent.
pid_t start(void (*body)(void*), void* argument);
// It ends by itself within so many seconds, with status 0.
bool ends_well(pid_t pid, int seconds);
// Waits for a byte, without a call that the wrappers see.
void wait_for(std::atomic<uint32_t>& word, uint32_t value);

void set_lock(const View& view, uint32_t word);
bool takes(int port, int events, uintptr_t user);  // an event that is there now

struct Case {
  const char* name;
  const char* defect;  // with which it must fail; or ""
  void (*run)();
};
extern const Case lock_cases[], memory_cases[], descriptor_cases[];  // ended by null

}  // namespace hostile
