// SPDX-License-Identifier: MIT
//
// The guest's threads. Each is a thread of Linux's libc with an entry in a table, whose index is
// the 32-bit number that illumos knows it by; the first thread's is 1.
#pragma once

#include <pthread.h>

#include "illumos/abi/threads.h"
#include "illumos/rt/futex.h"

namespace portc::illumos {

constexpr size_t kMaxName = 32;

// Of Thread::state. Whoever finds the other's bit as it should be gives the entry back.
constexpr uint32_t kRunning = 1;
constexpr uint32_t kDetached = 2;

// Type-stable: an entry that was given back stays readable.
struct Thread {
  std::atomic<abi::ThreadId> id;  // 0: not in use
  std::atomic<int> tid;           // the kernel's; 0 when it does not run (any more)
  Word state;                     // kRunning, kDetached; what joiners sleep on
  Word suspended;                 // 1 while it is to stand still
  Word standing;                  // 1 when it does
  std::atomic<bool> cancel_asked;
  std::atomic<bool> joined;  // somebody is about to take it away
  bool adopted;              // not made by pthread_create: the first thread, or one of libc's
  bool daemon;
  int cancel_state;
  int cancel_type;
  bool ending;
  pthread_t host;
  void* (*start)(void*);
  void* argument;
  void* result;
  void* base;  // where the end of the thread unwinds to
  abi::Cleanup* cleanups;
  void** values;  // by key
  uint32_t value_count;
  int policy;
  int priority;
  char name[kMaxName];
  Word lock;  // between who ends and who sends signals
  Thread* next_free;
};

// By the first thread, before there are others.
void prepare_threads();

// The calling thread's.
Thread& self();

// The calling thread, as the owner of a lock. Inside one process it is told by its entry's place,
// which a fork child's thread keeps: it holds what the thread that forked held.
uint64_t owner_token(bool across_processes);

// Null if there is no such thread. It may end at any time.
Thread* find_thread(abi::ThreadId id);

struct ThreadOptions {
  void* stack = nullptr;  // its lowest address; null: one is made
  size_t stack_size = 0;  // 0: illumos's default
  size_t guard = 4096;
  bool detached = false;
  bool daemon = false;
  bool suspended = false;
  int policy = 0;
  int priority = 0;
  const char* name = "";
};

// 0 or an errno of Linux's.
int create_thread(const ThreadOptions& options, void* (*start)(void*), void* argument,
                  abi::ThreadId* id);
[[noreturn]] void exit_thread(void* result);

// Sends a signal of Linux's to a thread. 0 or ESRCH.
int signal_thread(Thread& thread, int host_signal);

// Where a thread's stack is, by its lowest address. False if libc does not say.
bool stack_of(const Thread& thread, void*& low, size_t& size, size_t* guard);

// In kNudge's handler: stands still while it is told to.
void suspend_if_asked();

// The destructors of the thread's values, at its end.
void destroy_values(Thread& thread);

}  // namespace portc::illumos
