/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

ASSERTION(266, 1, "timer_create for a closed port fails with EBADF, for another file with EBADFD") {
  int port = new_port();
  struct ends pipe = new_pipe();
  int file = new_file();
  timer_t timer;
  CHECK_FAILS(try_timer(CLOCK_MONOTONIC, closed_fd(), NULL, &timer), EBADF);
  CHECK_FAILS(try_timer(CLOCK_MONOTONIC, -1, NULL, &timer), EBADF);
  CHECK_FAILS(try_timer(CLOCK_MONOTONIC, pipe.r, NULL, &timer), EBADFD);
  CHECK_FAILS(try_timer(CLOCK_REALTIME, file, NULL, &timer), EBADFD);
  timer = NEW_TIMER(port, COOKIE(1));
  DELETE_TIMER(timer);
  CLOSE(port, pipe.r, pipe.w, file);
}
