// SPDX-License-Identifier: MIT
//
// What the dynamic loader fills in, in every way that a position-independent program has it done.
#include "check.h"

int a_function_of_another_system(void) __attribute__((weak));

static int (*volatile compare)(const char*, const char*) = strcmp;  // R_X86_64_64
static char* volatile second_stream = (char*)&__iob[1];             // the same, with an addend
static const char* volatile own = "text";                           // R_X86_64_RELATIVE
static size_t (*volatile measure)(const char*);

int main(void) {
  measure = strlen;  // R_X86_64_GLOB_DAT
  CHECK("function-in-data", compare("a", "a") == 0 && compare("a", "b") < 0);
  CHECK("function-in-code", measure(own) == 4);
  CHECK("one-function", compare == &strcmp);
  CHECK("object", second_stream == (char*)stdout && fprintf(stdout, "%s", "") == 0);
  CHECK("weak", a_function_of_another_system == NULL);
  return check_status();
}
