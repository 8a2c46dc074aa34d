/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

ASSERTION(267, 2, "timer_create with a port_notify_t that cannot be read fails with EFAULT") {
  int port = new_port();
  port_notify_t target;
  struct sigevent event = port_sigevent(&target, port, COOKIE(1));
  timer_t timer;
  void *const bad[] = {NULL, unmapped_page(), no_access_page(), (char *)page_edge(8)};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    event.sigev_value.sival_ptr = bad[i];
    CHECK_FAILS(timer_create(CLOCK_MONOTONIC, &event, &timer), EFAULT);
  }
  event.sigev_value.sival_ptr = &target;
  CHECK_ZERO(timer_create(CLOCK_MONOTONIC, &event, &timer));
  DELETE_TIMER(timer);
  CLOSE(port);
}
