/* SPDX-License-Identifier: MIT */
/* Prints the poll method that ivykis chooses. */
#include <iv.h>
#include <stdio.h>

int main(void) {
  iv_init();
  puts(iv_poll_method_name());
  iv_deinit();
  return 0;
}
