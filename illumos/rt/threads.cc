// SPDX-License-Identifier: MIT
//
// Threads begin and end here. The end is not libc's: its pthread_exit() unwinds the stack with
// tables that a guest need not have. Ours runs the handlers that the guest has pushed, and goes
// back to the frame that called the thread's function (portc_illumos_run).
//
// Source: pthread_create(3C), pthread_join(3C), thr_create(3C), thr_suspend(3C) of illumos.
#include "illumos/rt/threads.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <cstdlib>
#include <cstring>

#include "illumos/abi/signal.h"
#include "illumos/rt/cancel.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/lock.h"
#include "illumos/rt/signal_numbers.h"
#include "illumos/rt/signals.h"

extern "C" {
// Calls function(argument), with what portc_illumos_leave needs in *base.
void* portc_illumos_run(void* (*function)(void*), void* argument, void** base);
// Makes that call of portc_illumos_run return `result`.
[[noreturn]] void portc_illumos_leave(void* base, void* result);
}

namespace portc::illumos {
namespace {

constexpr size_t kMaxThreads = 1 << 20;
constexpr size_t kDefaultStack = 2 << 20;
// What the runtime's own frames and the kernel's for a signal take, besides what illumos's would.
constexpr size_t kStackMargin = 64 << 10;

std::atomic<Thread*>* table;  // kMaxThreads entries of memory that is made when touched
Thread* free_threads;
abi::ThreadId last_id;       // the one that was given out last
abi::ThreadId highest_id;    // of all that ever were
std::atomic<uint32_t> live;  // the process ends with the last one that is no daemon
Word deaths;                 // counts ends of threads, for those who join any

thread_local Thread* myself;
thread_local uint64_t token;
pthread_key_t adopted_key;

bool make_table() {
  if (table != nullptr) return true;
  void* at = mmap(nullptr, kMaxThreads * sizeof *table, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return false;
  table = static_cast<std::atomic<Thread*>*>(at);
  return true;
}

// With the lock held. Zeroed but for the lock; null: no memory.
Thread* take_entry() {
  Thread* thread = free_threads;
  if (thread != nullptr) {
    free_threads = thread->next_free;
  } else {
    constexpr size_t kBlock = 64;
    void* at = mmap(nullptr, kBlock * sizeof(Thread), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return nullptr;
    auto* block = static_cast<Thread*>(at);
    for (size_t i = 1; i < kBlock; ++i) {
      block[i].next_free = free_threads;
      free_threads = &block[i];
    }
    thread = block;
  }
  memset(static_cast<void*>(thread), 0, sizeof *thread);
  return thread;
}

abi::ThreadId take_id(Thread* thread) {
  for (size_t tries = 0; tries < kMaxThreads; ++tries) {
    last_id = last_id + 1 < kMaxThreads ? last_id + 1 : 1;
    if (table[last_id].load(std::memory_order_relaxed) != nullptr) continue;
    if (last_id > highest_id) highest_id = last_id;
    thread->id.store(last_id);
    table[last_id].store(thread, std::memory_order_release);
    return last_id;
  }
  return 0;
}

void give_back(Thread& thread) {
  const Locked locked(thread_lock);
  table[thread.id.load()].store(nullptr, std::memory_order_release);
  thread.id.store(0);
  thread.next_free = free_threads;
  free_threads = &thread;
}

// In a fork child there is one thread, and it is the first.
void only_one_left() {
  token = 0;
  Thread* mine = myself;
  if (mine == nullptr || table == nullptr) return;
  for (abi::ThreadId id = 1; id <= highest_id; ++id) {
    Thread* other = table[id].load();
    table[id].store(nullptr);
    if (other == nullptr || other == mine) continue;
    other->id.store(0);
    other->next_free = free_threads;
    free_threads = other;
  }
  last_id = highest_id = 1;
  mine->id.store(1);
  mine->tid.store(host_tid());
  mine->lock.store(0);
  mine->adopted = mine->base == nullptr;
  mine->daemon = false;
  table[1].store(mine);
  live.store(1);
}

// A thread of libc's own ends, which some function of the guest's has run in.
void end_adopted(void* value) {
  auto* thread = static_cast<Thread*>(value);
  destroy_values(*thread);
  give_back(*thread);
  myself = nullptr;
}

Thread* adopt() {
  const Locked locked(thread_lock);
  if (!make_table()) abort();
  Thread* thread = take_entry();
  if (thread == nullptr) abort();
  thread->tid.store(host_tid());
  thread->host = pthread_self();
  thread->adopted = true;
  thread->daemon = last_id != 0;  // libc's own, for SIGEV_THREAD
  thread->state.store(thread->daemon ? kRunning | kDetached : kRunning);
  if (take_id(thread) == 0) abort();
  if (thread->daemon)
    pthread_setspecific(adopted_key, thread);
  else
    live.fetch_add(1);
  return thread;
}

void lock_word(Word& word) {
  uint32_t free = 0;
  if (word.compare_exchange_strong(free, 1)) return;
  while (word.exchange(2) != 0) futex_wait(word, 2, false);
}

void unlock_word(Word& word) {
  if (word.exchange(0) == 2) futex_wake(word, 1, false);
}

void block_all(sigset_t* before) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, before);
}

void wait_while(Word& word, uint32_t value) {
  while (word.load() == value) futex_wait(word, value, false);
}

// The last thing that a thread does: from here on nobody can find it but who joins it.
void announce_end(Thread& thread) {
  block_all(nullptr);
  lock_word(thread.lock);
  thread.tid.store(0);
  unlock_word(thread.lock);
  const bool counts = !thread.daemon;
  if ((thread.state.fetch_and(~kRunning) & kDetached) != 0)
    give_back(thread);
  else
    futex_wake(thread.state, INT_MAX, false);
  deaths.fetch_add(1);
  futex_wake(deaths, INT_MAX, false);
  if (counts && live.fetch_sub(1) == 1) exit(0);
}

void* begin(void* argument) {
  auto& thread = *static_cast<Thread*>(argument);
  myself = &thread;
  thread.tid.store(host_tid());
  if (thread.name[0] != '\0') prctl(PR_SET_NAME, thread.name);
  wait_while(thread.suspended, 1);
  thread.result = portc_illumos_run(thread.start, thread.argument, &thread.base);
  thread.ending = true;  // the frame that a cancellation would go back to is gone
  destroy_values(thread);
  announce_end(thread);
  return nullptr;
}

// A stack of the guest's that is too small for libc's own data is not used: libc makes one, and
// takes it away, which a thread cannot do with the stack that it ends on.
bool set_stack(pthread_attr_t& host, const ThreadOptions& options) {
  const size_t least = static_cast<size_t>(PTHREAD_STACK_MIN) + kStackMargin;
  const size_t wanted = options.stack_size != 0 ? options.stack_size : kDefaultStack;
  if (options.stack != nullptr && wanted >= least)
    return pthread_attr_setstack(&host, options.stack, wanted) == 0;
  const size_t size = wanted + kStackMargin > least ? wanted + kStackMargin : least;
  return pthread_attr_setstacksize(&host, (size + 4095) & ~size_t{4095}) == 0 &&
         pthread_attr_setguardsize(&host, options.guard) == 0;
}

int start(Thread& thread, const ThreadOptions& options) {
  pthread_attr_t host;
  pthread_attr_init(&host);
  pthread_attr_setdetachstate(&host,
                              options.detached ? PTHREAD_CREATE_DETACHED : PTHREAD_CREATE_JOINABLE);
  int error = set_stack(host, options) ? 0 : EINVAL;
  if (error == 0) error = pthread_create(&thread.host, &host, &begin, &thread);
  pthread_attr_destroy(&host);
  return error;
}

// 0, ESRCH (there is none, or it is not for joining), EDEADLK.
int join(abi::ThreadId id, void** result) {
  Thread* thread = find_thread(id);
  if (thread == nullptr || (thread->state.load() & kDetached) != 0) return ESRCH;
  if (thread == myself) return EDEADLK;
  if (thread->joined.exchange(true)) return ESRCH;
  for (;;) {
    const uint32_t state = thread->state.load();
    if ((state & kRunning) == 0) break;
    // A thread that is cancelled here has not joined.
    thread->joined.store(false);
    {
      const CancelPoint point;
      futex_wait(thread->state, state, false);
    }
    if (thread->id.load() != id || thread->joined.exchange(true)) return ESRCH;
  }
  if (!thread->adopted) pthread_join(thread->host, nullptr);
  if (result != nullptr) *result = thread->result;
  give_back(*thread);
  return 0;
}

// A thread that has ended and that nobody joins; 0 if there is none. `possible`: is there one that
// can end some day?
abi::ThreadId find_dead(bool& possible) {
  const Locked locked(thread_lock);
  possible = false;
  for (abi::ThreadId id = 1; id <= highest_id; ++id) {
    Thread* thread = table[id].load();
    if (thread == nullptr || thread == myself) continue;
    const uint32_t state = thread->state.load();
    if ((state & kDetached) != 0) continue;
    possible = true;
    if ((state & kRunning) == 0 && !thread->joined.load()) return id;
  }
  return 0;
}

int join_any(abi::ThreadId* departed, void** result) {
  for (;;) {
    const uint32_t seen = deaths.load();
    bool possible;
    const abi::ThreadId id = find_dead(possible);
    if (id != 0 && join(id, result) == 0) {
      if (departed != nullptr) *departed = id;
      return 0;
    }
    if (!possible) return EDEADLK;
    const CancelPoint point;
    futex_wait(deaths, seen, false);
  }
}

int detach(abi::ThreadId id) {
  Thread* thread = find_thread(id);
  if (thread == nullptr) return ESRCH;
  if (thread->joined.load()) return EINVAL;
  const pthread_t host = thread->host;
  const bool adopted = thread->adopted;
  const uint32_t before = thread->state.fetch_or(kDetached);
  if ((before & kDetached) != 0) return EINVAL;
  if (!adopted) pthread_detach(host);
  if ((before & kRunning) == 0) give_back(*thread);
  return 0;
}

int to_guest(int error) { return error == 0 ? 0 : errno_to_guest(error); }

int send(abi::ThreadId id, int number) {
  if (number != 0 && !is_guest_signal(number)) return EINVAL;
  Thread* thread = find_thread(id);
  if (thread == nullptr) return ESRCH;
  if (thread == &self()) return raise_guest(number);
  const int host = signal_to_host(number);
  return host == kNoSignal ? EINVAL : signal_thread(*thread, host);
}

int suspend(abi::ThreadId id) {
  Thread* thread = find_thread(id);
  if (thread == nullptr) return ESRCH;
  catch_nudges();
  thread->suspended.store(1);
  if (thread == &self()) {
    suspend_if_asked();
    return 0;
  }
  if (const int error = signal_thread(*thread, kNudge); error != 0) return error;
  while (thread->standing.load() == 0 && thread->tid.load() != 0) {
    timespec soon;  // it may end instead
    clock_gettime(CLOCK_MONOTONIC, &soon);
    soon.tv_sec += 1;
    futex_wait(thread->standing, 0, false, {&soon, false});
  }
  return 0;
}

int resume(abi::ThreadId id) {
  Thread* thread = find_thread(id);
  if (thread == nullptr) return ESRCH;
  thread->suspended.store(0);
  futex_wake(thread->suspended, INT_MAX, false);
  return 0;
}

int set_name(Thread& thread, const char* name) {
  char kernels[16] = {};  // it keeps fifteen characters
  if (strlen(name) >= kMaxName) return ERANGE;
  strcpy(thread.name, name);
  strncpy(kernels, name, sizeof kernels - 1);
  return pthread_setname_np(thread.host, kernels);
}

}  // namespace

bool stack_of(const Thread& thread, void*& low, size_t& size, size_t* guard) {
  pthread_attr_t host;
  if (pthread_getattr_np(thread.host, &host) != 0) return false;
  const bool known = pthread_attr_getstack(&host, &low, &size) == 0 &&
                     (guard == nullptr || pthread_attr_getguardsize(&host, guard) == 0);
  pthread_attr_destroy(&host);
  return known;
}

int host_tid() { return static_cast<int>(syscall(SYS_gettid)); }

Thread& self() {
  if (myself == nullptr) myself = adopt();
  return *myself;
}

void prepare_threads() {
  pthread_atfork(nullptr, nullptr, &only_one_left);
  pthread_key_create(&adopted_key, &end_adopted);
  (void)self();
}

uint64_t owner_token(bool across_processes) {
  if (!across_processes) return reinterpret_cast<uint64_t>(&self());
  if (token == 0)
    token = static_cast<uint64_t>(getpid()) << 32 | static_cast<uint32_t>(self().tid.load());
  return token;
}

Thread* find_thread(abi::ThreadId id) {
  if (myself == nullptr) (void)self();
  Thread* thread = id < kMaxThreads ? table[id].load(std::memory_order_acquire) : nullptr;
  return thread != nullptr && thread->id.load() == id ? thread : nullptr;
}

int create_thread(const ThreadOptions& options, void* (*function)(void*), void* argument,
                  abi::ThreadId* id) {
  (void)self();
  Thread* thread;
  {
    const Locked locked(thread_lock);
    thread = take_entry();
    if (thread == nullptr || take_id(thread) == 0) return EAGAIN;
  }
  thread->state.store(options.detached ? kRunning | kDetached : kRunning);
  thread->suspended.store(options.suspended);
  thread->daemon = options.daemon;
  thread->policy = options.policy;
  thread->priority = options.priority;
  thread->start = function;
  thread->argument = argument;
  strncpy(thread->name, options.name, kMaxName - 1);
  if (!options.daemon) live.fetch_add(1);
  // Before it runs, and may be gone.
  if (id != nullptr) *id = thread->id.load();
  const int error = start(*thread, options);
  if (error == 0) return 0;
  if (!options.daemon) live.fetch_sub(1);
  give_back(*thread);
  return error;
}

void exit_thread(void* result) {
  Thread& thread = self();
  thread.ending = true;
  thread.result = result;
  while (thread.cleanups != nullptr) {
    abi::Cleanup* last = thread.cleanups;
    thread.cleanups = last->next;
    last->routine(last->argument);
  }
  if (thread.base != nullptr) portc_illumos_leave(thread.base, result);
  // The first thread, whose frame the process needs to the end.
  destroy_values(thread);
  announce_end(thread);
  for (;;) pause();
}

int signal_thread(Thread& thread, int host_signal) {
  sigset_t before;
  block_all(&before);
  lock_word(thread.lock);
  const int tid = thread.tid.load();
  // One that has not run yet gets it when it does; libc knows where to.
  int error = 0;
  if (tid != 0)
    error = syscall(SYS_tgkill, getpid(), tid, host_signal) == 0 ? 0 : errno;
  else if ((thread.state.load() & kRunning) != 0 && thread.base == nullptr)
    error = pthread_kill(thread.host, host_signal);
  unlock_word(thread.lock);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return error;
}

void suspend_if_asked() {
  Thread& thread = self();
  if (thread.suspended.load() == 0) return;
  sigset_t before;
  block_all(&before);
  thread.standing.store(1);
  futex_wake(thread.standing, INT_MAX, false);
  wait_while(thread.suspended, 1);
  thread.standing.store(0);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

extern "C" {

abi::ThreadId il_pthread_self() { return self().id.load(std::memory_order_relaxed); }

int il_thr_main() { return self().id.load() == 1 ? 1 : 0; }

int il_pthread_equal(abi::ThreadId a, abi::ThreadId b) { return a == b ? 1 : 0; }

void il_pthread_exit(void* result) { exit_thread(result); }

int il_pthread_join(abi::ThreadId id, void** result) {
  return to_guest(id == 0 ? ESRCH : join(id, result));
}

int il_thr_join(abi::ThreadId id, abi::ThreadId* departed, void** result) {
  if (id == 0) return to_guest(join_any(departed, result));
  const int error = join(id, result);
  if (error == 0 && departed != nullptr) *departed = id;
  return to_guest(error);
}

int il_pthread_detach(abi::ThreadId id) { return to_guest(detach(id)); }

int il_thr_create(void* stack, size_t size, void* (*function)(void*), void* argument, long flags,
                  abi::ThreadId* id) {
  ThreadOptions options;
  options.stack = stack;
  options.stack_size = size;
  options.detached = (flags & abi::kThrDetached) != 0;
  options.daemon = (flags & abi::kThrDaemon) != 0;
  options.suspended = (flags & abi::kThrSuspended) != 0;
  // A stack must have a size, and a size that is not the default must be a stack's.
  if (stack != nullptr && size == 0) return to_guest(EINVAL);
  return to_guest(create_thread(options, function, argument, id));
}

int il_pthread_kill(abi::ThreadId id, int number) { return to_guest(send(id, number)); }

int il_thr_suspend(abi::ThreadId id) { return to_guest(suspend(id)); }
int il_thr_continue(abi::ThreadId id) { return to_guest(resume(id)); }

void il_thr_yield() { sched_yield(); }

size_t il_thr_min_stack() { return 8 << 10; }

int il_thr_getconcurrency() { return 0; }
int il_thr_setconcurrency(int level) { return level < 0 ? to_guest(EINVAL) : 0; }

int il_thr_getprio(abi::ThreadId id, int* priority) {
  const Thread* thread = find_thread(id);
  if (thread == nullptr) return to_guest(ESRCH);
  *priority = thread->priority;
  return 0;
}

int il_thr_setprio(abi::ThreadId id, int priority) {
  Thread* thread = find_thread(id);
  if (thread == nullptr) return to_guest(ESRCH);
  thread->priority = priority;
  return 0;
}

int il_pthread_getschedparam(abi::ThreadId id, int* policy, abi::SchedParam* param) {
  const Thread* thread = find_thread(id);
  if (thread == nullptr) return to_guest(ESRCH);
  *policy = thread->policy;
  *param = {};
  param->priority = thread->priority;
  return 0;
}

int il_pthread_setschedparam(abi::ThreadId id, int policy, const abi::SchedParam* param) {
  Thread* thread = find_thread(id);
  if (thread == nullptr) return to_guest(ESRCH);
  const sched_param mine = {policy == SCHED_OTHER ? 0 : param->priority};
  if (const int error = pthread_setschedparam(thread->host, policy, &mine); error != 0)
    return to_guest(error);
  thread->policy = policy;
  thread->priority = param->priority;
  return 0;
}

// The functions are the guest's, and fork() calls them.
int il_pthread_atfork(void (*prepare)(), void (*parent)(), void (*child)()) {
  return to_guest(pthread_atfork(prepare, parent, child));
}

// On illumos the highest address.
int il_thr_stksegment(abi::Stack* out) {
  void* low;
  size_t size;
  if (!stack_of(self(), low, size, nullptr)) return to_guest(EAGAIN);
  out->sp = static_cast<char*>(low) + size;
  out->size = size;
  out->flags = 0;
  return 0;
}

int il_pthread_setname_np(abi::ThreadId id, const char* name) {
  Thread* thread = find_thread(id);
  return to_guest(thread == nullptr ? ESRCH : set_name(*thread, name));
}

int il_pthread_getname_np(abi::ThreadId id, char* name, size_t size) {
  const Thread* thread = find_thread(id);
  if (thread == nullptr) return to_guest(ESRCH);
  if (size <= strlen(thread->name)) return to_guest(ERANGE);
  strcpy(name, thread->name);
  return 0;
}

int il__lwp_info(void* times) {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  auto* out = static_cast<timespec*>(times);  // struct lwpinfo: user, system
  out[0] = now;
  out[1] = {};
  return 0;
}

}  // extern "C"

}  // namespace portc::illumos

asm(R"(
.globl portc_illumos_run
.hidden portc_illumos_run
.type portc_illumos_run,@function
portc_illumos_run:
  push %rbp
  push %rbx
  push %r12
  push %r13
  push %r14
  push %r15
  sub $8, %rsp
  mov %rsp, (%rdx)
  mov %rdi, %rax
  mov %rsi, %rdi
  call *%rax
.Lportc_illumos_ran:
  add $8, %rsp
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbx
  pop %rbp
  ret
.globl portc_illumos_leave
.hidden portc_illumos_leave
.type portc_illumos_leave,@function
portc_illumos_leave:
  mov %rdi, %rsp
  mov %rsi, %rax
  jmp .Lportc_illumos_ran
)");
