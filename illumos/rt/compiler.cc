// SPDX-License-Identifier: MIT
//
// What compilers call without being told: the guard of stack frames, and where a thread's
// variables are.
// Source: illumos <ssp/ssp.h>, the ELF handling of thread-local storage.
#include <sys/random.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "illumos/rt/data.h"
#include "illumos/rt/start.h"

uint64_t il___stack_chk_guard;

namespace portc::illumos {
namespace {

// A zero byte, so that no string function writes the value.
__attribute__((constructor)) void set_guard() {
  if (getrandom(&il___stack_chk_guard, sizeof il___stack_chk_guard, GRND_NONBLOCK) < 0)
    il___stack_chk_guard = 0x595e9fbd94fda700;
  il___stack_chk_guard &= ~uint64_t{0xff};
}

}  // namespace
}  // namespace portc::illumos

using namespace portc::illumos;

extern "C" void il___stack_chk_fail() {
  fprintf(stderr, "%s: stack smashing detected\n", handover().program);
  abort();
}

// There is no way to look at the guest's stack from here that would be right for every guest.
extern "C" int il_backtrace(void**, int) { return 0; }
extern "C" int il_backtrace_symbols_fd(void* const*, int, int) { return 0; }
extern "C" char** il_backtrace_symbols(void* const*, int) {
  return static_cast<char**>(calloc(1, sizeof(char*)));
}
extern "C" int il_printstack(int) { return 0; }
