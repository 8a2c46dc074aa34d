// SPDX-License-Identifier: MIT
//
// From the carrier's first instruction to the guest's. Linux's libc is started as for any
// program, with a main() that binds the guest, makes the vector that illumos's kernel would have
// left on its stack, and jumps.
//
// Sources: the System V ABI's x86-64 supplement, 3.4.1; illumos <sys/auxv.h>; the Linker and
// Libraries Guide for what ld.so.1 calls before the program.
#include "illumos/rt/start.h"

#include <alloca.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "illumos/link/bind.h"
#include "illumos/link/check.h"
#include "illumos/rt/data.h"
#include "illumos/rt/lock.h"
#include "illumos/rt/threads.h"
#include "libportc/base/export.h"

extern "C" int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv,
                                 void (*init)(), void (*fini)(), void (*at_exit)(), void* stack);

char** il__environ;

namespace portc::illumos {
namespace {

// illumos's entries of the auxiliary vector: those that Linux does not have, and AT_* alike.
constexpr uint64_t kAtSunPlatform = 2008;
constexpr uint64_t kAtSunExecname = 2014;

constexpr int kOurFault = 125;
constexpr int kCannotRun = 126;

Handover given;
Guest* running;

[[noreturn]] void refuse(const char* why) {
  fprintf(stderr, "portc-run: %s: %s\n", given.program, why);
  _exit(kCannotRun);
}

void check_libraries(const Guest& guest) {
  for (size_t i = 0; i < guest.needed_count(); ++i) {
    if (known_library(guest.needed(i))) continue;
    fprintf(stderr, "portc-run: %s: it needs the library %s, which is not provided\n",
            given.program, guest.needed(i));
    _exit(kCannotRun);
  }
}

using Function = void (*)();

void call_all(const Guest::Array& functions) {
  for (size_t i = 0; i < functions.count; ++i) reinterpret_cast<Function>(functions.first[i])();
}

void call_fini() {
  for (size_t i = running->fini.count; i > 0; --i)
    reinterpret_cast<Function>(running->fini.first[i - 1])();
}

size_t count_words(char** words) {
  size_t n = 0;
  while (words[n] != nullptr) ++n;
  return n;
}

const Elf64_auxv_t* auxiliary(const char* program) {
  static Elf64_auxv_t vector[] = {
      {AT_PHDR, {reinterpret_cast<uint64_t>(given.segments)}},
      {AT_PHENT, {sizeof(Elf64_Phdr)}},
      {AT_PHNUM, {given.segment_count}},
      {AT_PAGESZ, {static_cast<uint64_t>(sysconf(_SC_PAGESIZE))}},
      {AT_ENTRY, {given.entry}},
      {kAtSunPlatform, {reinterpret_cast<uint64_t>("i86pc")}},
      {kAtSunExecname, {reinterpret_cast<uint64_t>(program)}},
      {AT_NULL, {0}},
  };
  return vector;
}
constexpr size_t kAuxiliaryWords = 16;

[[noreturn]] void jump(uint64_t entry, const uint64_t* stack, Function at_exit) {
  asm volatile(
      "mov %1, %%rsp\n"
      "xor %%ebp, %%ebp\n"
      "jmp *%0\n"
      :
      : "r"(entry), "r"(stack), "d"(at_exit)
      : "memory");
  __builtin_unreachable();
}

// argc, argv, envp, auxiliary vector, in one piece.
[[noreturn]] void enter(int argc, char** argv, char** envp) {
  const size_t arguments = static_cast<size_t>(argc);
  const size_t variables = count_words(envp);
  const size_t words = (1 + arguments + 1 + variables + 1 + kAuxiliaryWords + 1) & ~size_t{1};
  auto* vector = static_cast<uint64_t*>(alloca(words * sizeof(uint64_t) + 16));
  vector = reinterpret_cast<uint64_t*>((reinterpret_cast<uint64_t>(vector) + 15) & ~uint64_t{15});
  uint64_t* at = vector;
  *at++ = arguments;
  memcpy(at, argv, (arguments + 1) * sizeof *at);
  at += arguments + 1;
  memcpy(at, envp, (variables + 1) * sizeof *at);
  at += variables + 1;
  memcpy(at, auxiliary(program_path()), kAuxiliaryWords * sizeof *at);
  jump(given.entry, vector, &call_fini);
}

// What the kernel calls the process is the loader's name if it was started by that.
void take_name() {
  if (given.from_kernel) return;
  const char* slash = strrchr(given.program, '/');
  prctl(PR_SET_NAME, slash != nullptr ? slash + 1 : given.program);
}

int guest_main(int argc, char** argv, char** envp) {
  running = new (malloc(sizeof(Guest))) Guest(given.base, given.segments, given.segment_count);
  if (!running->read_dynamic()) refuse(running->why());
  if (given.check) return check(*running, given.program);
  check_libraries(*running);
  take_name();
  hold_locks_in_forks();
  prepare_threads();
  il__environ = envp;
  if (const char* why = bind(*running, tracing())) refuse(why);
  call_all(running->preinit);
  call_all(running->init);
  enter(argc, argv, envp);
}

}  // namespace

const Handover& handover() { return given; }
const Guest& guest() { return *running; }

// Asked for before the program could change its directory.
const char* program_path() {
  static char path[PATH_MAX];
  if (path[0] == '\0' && realpath(given.program, path) == nullptr)
    snprintf(path, sizeof path, "%s", given.program);
  return path;
}

bool tracing() {
  static const bool on = [] {
    const char* value = secure_getenv("PORTC_TRACE");
    return value != nullptr && strcmp(value, "calls") == 0;
  }();
  return on;
}

}  // namespace portc::illumos

PORTC_EXPORT void portc_illumos_start(uint64_t* stack, const portc::illumos::Handover* handover,
                                      void (*at_exit)()) {
  portc::illumos::given = *handover;
  auto** argv = reinterpret_cast<char**>(stack + 1);
  __libc_start_main(&portc::illumos::guest_main, static_cast<int>(stack[0]), argv, nullptr, nullptr,
                    at_exit, stack);
  __builtin_unreachable();
}
