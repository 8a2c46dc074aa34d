/* SPDX-License-Identifier: MIT */
/* Timers, and how long a loop waits. Upper bounds are not checked: the machine may be busy. */
#include "driver.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

/* The time before libev looks at the clock, from which it then counts delays. */
static double start_clock(struct ev_loop *loop) {
  double now = monotonic();
  ev_now_update(loop);
  return now;
}

struct order {
  int next, entries[8];
};

static void record_timer(struct ev_loop *loop, ev_timer *watcher, int events) {
  struct order *order = ev_userdata(loop);
  CHECK(events == EV_TIMER && order->next < 8);
  order->entries[order->next++] = *(int *)watcher->data;
}

static void timers_in_order(void) {
  static int numbers[] = {0, 1, 2, 3};
  static const double delays[] = {0.03, 0.01, 0.04, 0.02};
  static const int expected[] = {1, 3, 0, 2};
  struct order order = {0, {0}};
  struct ev_loop *loop = new_loop();
  ev_timer timers[4];
  ev_set_userdata(loop, &order);
  for (int i = 0; i < 4; i++) {
    ev_timer_init(&timers[i], record_timer, delays[i], 0);
    timers[i].data = &numbers[i];
    ev_timer_start(loop, &timers[i]);
  }
  CHECK(!ev_run(loop, 0));
  CHECK(order.next == 4);
  for (int i = 0; i < 4; i++) CHECK(order.entries[i] == expected[i]);
}

static void timer_is_never_early(void) {
  struct ev_loop *loop = new_loop();
  ev_timer timer;
  for (int i = 0; i < 40; i++) {
    double delay = 0.0007 * i, start = start_clock(loop);
    ev_timer_init(&timer, timer_break, delay, 0);
    ev_timer_start(loop, &timer);
    ev_run(loop, 0);
    /* libev's sums of doubles are off by less than this. */
    CHECK(monotonic() - start >= delay - 1e-6 && !ev_is_active(&timer));
  }
}

static void break_at_five(struct ev_loop *loop, ev_timer *watcher, int events) {
  CHECK(events == EV_TIMER);
  if (++*(int *)watcher->data == 5) ev_timer_stop(loop, watcher);
}

static void repeating_timer(void) {
  struct ev_loop *loop = new_loop();
  double start = start_clock(loop);
  int count = 0;
  ev_timer timer;
  ev_timer_init(&timer, break_at_five, 0.01, 0.01);
  timer.data = &count;
  ev_timer_start(loop, &timer);
  CHECK(!ev_run(loop, 0));
  CHECK(count == 5 && monotonic() - start >= 0.05 - 1e-6);
}

/* A timeout that activity puts off: the usual use of ev_timer_again. */
struct activity {
  ev_timer timeout;
  ev_io io;
  ev_timer source;
  int ends[2], count;
};

static void activity_seen(struct ev_loop *loop, ev_io *watcher, int events) {
  struct activity *activity = watcher->data;
  CHECK(events == EV_READ);
  take(watcher->fd);
  ev_timer_again(loop, &activity->timeout);
}

static void make_activity(struct ev_loop *loop, ev_timer *watcher, int events) {
  struct activity *activity = watcher->data;
  (void)events;
  put(activity->ends[1]);
  if (++activity->count == 4) ev_timer_stop(loop, watcher);
}

static void activity_puts_a_timeout_off(void) {
  struct ev_loop *loop = new_loop();
  struct activity activity;
  double start = start_clock(loop);
  activity.count = 0;
  make_pipe(activity.ends);
  ev_init(&activity.timeout, timer_break);
  activity.timeout.repeat = 0.2;
  ev_timer_again(loop, &activity.timeout);
  ev_io_init(&activity.io, activity_seen, activity.ends[0], EV_READ);
  ev_timer_init(&activity.source, make_activity, 0.02, 0.02);
  activity.io.data = activity.source.data = &activity;
  ev_io_start(loop, &activity.io);
  ev_timer_start(loop, &activity.source);
  ev_run(loop, 0);
  CHECK(activity.count == 4 && monotonic() - start >= 0.28 - 1e-6);
}

static void periodic_break(struct ev_loop *loop, ev_periodic *watcher, int events) {
  CHECK(events == EV_PERIODIC);
  if (++*(int *)watcher->data == 3) ev_break(loop, EVBREAK_ONE);
}

static void periodic_at_multiples(void) {
  struct ev_loop *loop = new_loop();
  double start = start_clock(loop);
  int count = 0;
  ev_periodic periodic;
  ev_periodic_init(&periodic, periodic_break, 0, 0.02, 0);
  periodic.data = &count;
  ev_periodic_start(loop, &periodic);
  ev_run(loop, 0);
  CHECK(count == 3 && monotonic() - start >= 0.04 - 1e-3);
}

static void descriptor_before_timeout(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen = NOTHING_SEEN;
  ev_timer timer;
  ev_io watcher;
  int ends[2];
  make_pipe(ends);
  put(ends[1]);
  ev_io_init(&watcher, note_and_break, ends[0], EV_READ);
  watcher.data = &seen;
  ev_io_start(loop, &watcher);
  ev_timer_init(&timer, timer_break, 1000, 0);
  ev_timer_start(loop, &timer);
  ev_run(loop, 0);
  CHECK(seen.calls == 1 && ev_is_active(&timer));
}

static void nothing_is_seen_at_a_timeout(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen = NOTHING_SEEN;
  ev_timer timer;
  ev_io watcher;
  int ends[2];
  make_pipe(ends);
  watch(loop, &watcher, ends[0], EV_READ, &seen);
  for (int i = 0; i < 5; i++) {
    ev_timer_init(&timer, timer_break, 0.005, 0);
    ev_timer_start(loop, &timer);
    ev_run(loop, 0);
  }
  CHECK(seen.calls == 0);
  put(ends[1]);
  CHECK(look(loop, &watcher).calls == 1);
}

static volatile sig_atomic_t interruptions;
static void count_interruption(int number) {
  (void)number;
  interruptions++;
}

/* Signals that are none of libev's end its wait early, again and again. */
static void interrupted_waits(void) {
  struct ev_loop *loop = new_loop();
  struct sigaction action = {.sa_handler = count_interruption};
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  struct itimerspec often = {{0, 2000000}, {0, 2000000}};
  struct seen seen = NOTHING_SEEN;
  double start = start_clock(loop);
  timer_t ticker;
  ev_timer timer;
  ev_io watcher;
  int ends[2];
  make_pipe(ends);
  watch(loop, &watcher, ends[0], EV_READ, &seen);
  CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
  CHECK(timer_create(CLOCK_MONOTONIC, &event, &ticker) == 0);
  CHECK(timer_settime(ticker, 0, &often, NULL) == 0);
  ev_timer_init(&timer, timer_break, 0.1, 0);
  ev_timer_start(loop, &timer);
  ev_run(loop, 0);
  CHECK(timer_delete(ticker) == 0);
  CHECK(interruptions > 0 && seen.calls == 0 && monotonic() - start >= 0.1 - 1e-6);
}

const struct test_case timer_cases[] = {
    {"timers_in_order", timers_in_order},
    {"timer_is_never_early", timer_is_never_early},
    {"repeating_timer", repeating_timer},
    {"activity_puts_a_timeout_off", activity_puts_a_timeout_off},
    {"periodic_at_multiples", periodic_at_multiples},
    {"descriptor_before_timeout", descriptor_before_timeout},
    {"nothing_is_seen_at_a_timeout", nothing_is_seen_at_a_timeout},
    {"interrupted_waits", interrupted_waits},
    {NULL, NULL},
};
