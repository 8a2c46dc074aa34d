/* SPDX-License-Identifier: MIT */
/* Prints whether PORTC_MAX_EVENTS is heard: how many events a port takes. */
#include "tests/interpose/support.h"

int main(void) {
  const int port = port_create();
  CHECK(port >= 0);
  int count = 0;
  while (count < 100 && port_send(port, 1, NULL) == 0) ++count;
  if (count == 100)
    puts("slots: many");
  else
    printf("slots: %d\n", count);
  return 0;
}
