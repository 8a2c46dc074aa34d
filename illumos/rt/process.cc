// SPDX-License-Identifier: MIT
//
// Making and ending processes.
//
// Sources: illumos fork(2), exit(2), setpgrp(2), getexecname(3C), <sys/fork.h>.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "illumos/rt/environment.h"
#include "illumos/rt/errno.h"
#include "illumos/rt/resources.h"
#include "illumos/rt/start.h"

extern "C" int __cxa_atexit(void (*function)(void*), void* argument, void* object);
extern "C" void __cxa_finalize(void* object);
extern "C" int __cxa_at_quick_exit(void (*function)(void*), void* object);

namespace portc::illumos {
namespace {

constexpr int kNoSigchld = 1;
constexpr int kWaitByNumber = 2;

// The flags ask that the child's end is not told by SIGCHLD, and that only a wait for its number
// finds it. Linux forgets the first when the child execs, and does not know the second.
pid_t fork_with(int flags) {
  if ((flags & ~(kNoSigchld | kWaitByNumber)) != 0) return fail(EINVAL);
  const pid_t child = fork();
  return child < 0 ? fail(errno) : child;
}

void call(void* function) { reinterpret_cast<void (*)()>(function)(); }

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" {

pid_t il_fork() { return fork_with(0); }
pid_t il_forkx(int flags) { return fork_with(flags); }

int il_atexit(void (*function)()) {
  return __cxa_atexit(&call, reinterpret_cast<void*>(function), nullptr);
}

int il___cxa_atexit(void (*function)(void*), void* argument, void* object) {
  return __cxa_atexit(function, argument, object);
}

void il___cxa_finalize(void* object) {
  // Null means everything, which is not the guest's to ask for.
  if (object != nullptr) __cxa_finalize(object);
}

int il_at_quick_exit(void (*function)()) {
  return __cxa_at_quick_exit(reinterpret_cast<void (*)(void*)>(function), nullptr);
}

// Makes the caller a session's leader, unless it is one already.
pid_t il_setpgrp() {
  if (getsid(0) != getpid()) static_cast<void>(setsid());
  return getpgrp();
}

const char* il_getexecname() { return program_path(); }

int il_system(const char* command) {
  lend_environment();
  const int status = system(command);
  if (command == nullptr) return status;
  return status == -1 ? fail(errno) : status_to_guest(status);
}

int il_issetugid() { return 0; }  // the loader does not start such programs

}  // extern "C"
