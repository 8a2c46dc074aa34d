// SPDX-License-Identifier: MIT
#include "libportc/base/assert.h"

#include <cstdlib>
#include <cstring>

#include "libportc/base/sys.h"

namespace portc {
namespace {

void put(const char* text) {
  (void)sys::raw(SYS_write, 2, reinterpret_cast<long>(text), static_cast<long>(strlen(text)));
}

}  // namespace

void assert_fail(const char* file, int line, const char* expression) {
  char digits[12];
  char* p = digits + sizeof digits - 1;
  *p = '\0';
  do {
    *--p = static_cast<char>('0' + line % 10);
    line /= 10;
  } while (line != 0);
  put("libportc: ");
  put(file);
  put(":");
  put(p);
  put(": assertion failed: ");
  put(expression);
  put("\n");
  abort();
}

}  // namespace portc
