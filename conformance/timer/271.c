/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

/* arg: a port that the parent created, and one that this process did, before exec. */
INNER(timer_271) {
  for (int i = 0; i < 2; i++) {
    CHECK_SILENT(arg[i]); /* much longer than the old timers' periods */
    timer_t timer = NEW_TIMER(arg[i], COOKIE(3));
    ARM(timer, 1, 0);
    CHECK_NEXT_TIMER(arg[i], timer, 1, COOKIE(3));
    DELETE_TIMER(timer);
    CHECK_EMPTY(arg[i]);
  }
  (void)parent;
}

/* One timer is about to expire, of the other an event is queued. */
static void use_timers(int port) {
  timer_t soon = NEW_TIMER(port, COOKIE(1)), queued_one = NEW_TIMER(port, COOKIE(2));
  ARM(queued_one, 1, 5);
  AWAIT_QUEUED(port, 1);
  ARM(soon, 20, 5);
}

static void child_body(struct peer *parent, void *arg) {
  int inherited = *(const int *)arg;
  int own = new_port();
  use_timers(inherited);
  use_timers(own);
  exec_inner(parent, "timer_271", 2, inherited, own);
}

ASSERTION(271, 1, "exec deletes timers: the new image gets no events of them through the port") {
  int port = new_port();
  struct peer child;
  child_start(&child, child_body, &port);
  child_join(&child);
  CHECK_EMPTY(port);
  CLOSE(port);
}
