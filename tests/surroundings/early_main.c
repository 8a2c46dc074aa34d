/* SPDX-License-Identifier: MIT */
/* Goes on with the port that libsurroundings-early.so made before main, if it could. */
#include "tests/interpose/support.h"

#pragma weak port_send
#pragma weak port_get

extern int early_port;

int main(void) {
  static const struct timespec kLong = {10, 0};
  port_event_t event;
  if (early_port >= 0) {
    CHECK(port_send(early_port, 10, NULL) == 0);
    CHECK(port_get(early_port, &event, &kLong) == 0 && event.portev_events == 10);
  }
  puts(early_port >= 0 ? "MAIN with a port" : "MAIN");
  fflush(stdout); /* what is said after main is written at once */
  return 0;
}
