/* SPDX-License-Identifier: MIT */
#include "conformance/timers.h"

struct family {
  int port;
  timer_t early, late;
};

static void child_body(struct peer *parent, void *arg) {
  struct family *family = arg;
  struct itimerspec when = {.it_value = {0, 1}};
  CHECK_NONE_FOR_US(family->port); /* one event was queued before the fork */
  CHECK_FAILS(timer_settime(family->late, 0, &when, NULL), EINVAL);
  CHECK_FAILS(timer_gettime(family->late, &when), EINVAL);
  CHECK_FAILS(timer_getoverrun(family->late), EINVAL);
  CHECK_FAILS(timer_delete(family->late), EINVAL);
  peer_step(parent, 'a');
  CHECK_NONE_FOR_US(family->port); /* and one after it */
}

ASSERTION(270, 1, "a child has no timers and cannot retrieve its parent's events; the parent can") {
  struct family family = {.port = new_port()};
  struct peer child;
  family.early = NEW_TIMER(family.port, COOKIE(1));
  family.late = NEW_TIMER(family.port, COOKIE(2));
  ARM(family.early, 1, 0);
  AWAIT_QUEUED(family.port, 1);
  child_start(&child, child_body, &family);
  peer_await(&child, 'a');
  ARM(family.late, 1, 0);
  AWAIT_QUEUED(family.port, 2);
  peer_tell(&child, 'a');
  child_join(&child);
  CHECK_NEXT_TIMER(family.port, family.early, 1, COOKIE(1));
  CHECK_NEXT_TIMER(family.port, family.late, 1, COOKIE(2));
  ARM(family.late, 1, 0); /* what the child tried and its end have changed nothing */
  CHECK_NEXT_TIMER(family.port, family.late, 1, COOKIE(2));
  DELETE_TIMER(family.early);
  DELETE_TIMER(family.late);
  CHECK_EMPTY(family.port);
  CLOSE(family.port);
}
