/* SPDX-License-Identifier: MIT */
/* Timers. */
#include "tests/faults/parts.h"

static void for_timers(struct world *w) {
  a_port(w);
  tell(w);
}

static int make_timer(struct world *w) {
  return timer_create(CLOCK_MONOTONIC, &w->told, &w->timer);
}

static void a_timer(struct world *w) {
  for_timers(w);
  CHECK(make_timer(w) == 0);
}

static int set_timer(struct world *w) {
  const struct itimerspec soon = {{0, 0}, {0, 1000}};
  return timer_settime(w->timer, 0, &soon, NULL);
}

void a_set_timer(struct world *w) {
  a_timer(w);
  CHECK(set_timer(w) == 0);
}

static int make_second_timer(struct world *w) {
  return timer_create(CLOCK_REALTIME, &w->told, &w->timer);
}

static int read_timer(struct world *w) {
  struct itimerspec left;
  return timer_gettime(w->timer, &left);
}

static int end_timer(struct world *w) { return timer_delete(w->timer); }

static void timer_works(struct world *w) {
  CHECK(set_timer(w) == 0);
  takes(w, PORT_SOURCE_TIMER);
  CHECK(end_timer(w) == 0);
}

static void timer_fires(struct world *w) {
  takes(w, PORT_SOURCE_TIMER);
  CHECK(end_timer(w) == 0);
}

static void timer_ends(struct world *w) {
  drain(w);
  CHECK(end_timer(w) == 0);
}

static void took_timer(struct world *w) {
  took(w);
  CHECK(end_timer(w) == 0);
}

const struct scene timer_scenes[] = {
    {"get a timer", "port_get", get_patiently, a_set_timer, took_timer, NULL, 0, 0},
    {"timer_create", "timer_create", make_timer, for_timers, timer_works, NULL, 0, 0},
    {"timer_create, another clock", "timer_create", make_second_timer, for_timers, timer_works,
     NULL, 0, 0},
    {"timer_settime", "timer_settime", set_timer, a_timer, timer_fires, NULL, 0, 0},
    {"timer_gettime", "timer_gettime", read_timer, a_timer, timer_ends, NULL, 0, 0},
    {"timer_delete", "timer_delete", end_timer, a_set_timer, NULL, NULL, 0, 0},
    {NULL, NULL, NULL, NULL, NULL, NULL, 0, 0}};
