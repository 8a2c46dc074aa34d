/* SPDX-License-Identifier: MIT */
/* Loops: iterations, loops in loops, loops and threads. */
#include "driver.h"

#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char order[16];
static void record(char letter) {
  size_t length = strlen(order);
  CHECK(length + 1 < sizeof order);
  order[length] = letter;
}

static void record_prepare(struct ev_loop *loop, ev_prepare *watcher, int events) {
  (void)loop;
  (void)watcher;
  CHECK(events == EV_PREPARE);
  record('p');
}

static void record_check(struct ev_loop *loop, ev_check *watcher, int events) {
  (void)loop;
  (void)watcher;
  CHECK(events == EV_CHECK);
  record('c');
}

static void record_idle(struct ev_loop *loop, ev_idle *watcher, int events) {
  (void)loop;
  (void)watcher;
  CHECK(events == EV_IDLE);
  record('i');
}

static void record_io(struct ev_loop *loop, ev_io *watcher, int events) {
  (void)loop;
  (void)events;
  record(*(char *)watcher->data);
}

/* An iteration prepares, waits, checks and serves; it idles when there is nothing to serve. */
static void order_within_an_iteration(void) {
  struct ev_loop *loop = new_loop();
  static char letter = 'r';
  ev_prepare prepare;
  ev_check check_watcher;
  ev_idle idle;
  ev_io io;
  int ends[2];
  make_pipe(ends);
  ev_prepare_init(&prepare, record_prepare);
  ev_check_init(&check_watcher, record_check);
  ev_idle_init(&idle, record_idle);
  ev_io_init(&io, record_io, ends[0], EV_READ);
  io.data = &letter;
  ev_prepare_start(loop, &prepare);
  ev_check_start(loop, &check_watcher);
  ev_idle_start(loop, &idle);
  ev_io_start(loop, &io);
  ev_run(loop, EVRUN_ONCE);
  put(ends[1]);
  ev_run(loop, EVRUN_ONCE);
  take(ends[0]);
  ev_run(loop, EVRUN_ONCE);
  CHECK(!strcmp(order, "pcipcrpci"));
}

static void priorities(void) {
  static char letters[] = "abc";
  struct ev_loop *loop = new_loop();
  ev_io watchers[3];
  int ends[2];
  for (int i = 0; i < 3; i++) {
    make_pipe(ends);
    put(ends[1]);
    ev_io_init(&watchers[i], record_io, ends[0], EV_READ);
    watchers[i].data = &letters[i];
    ev_set_priority(&watchers[i], i - 1);
    ev_io_start(loop, &watchers[i]);
  }
  ev_run(loop, EVRUN_NOWAIT);
  CHECK(!strcmp(order, "cba"));
}

static void run_ends_without_watchers(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen;
  ev_io watcher;
  int ends[2];
  CHECK(!ev_run(loop, 0));
  make_pipe(ends);
  watch(loop, &watcher, ends[0], EV_READ, &seen);
  ev_unref(loop);
  CHECK(!ev_run(loop, 0));
  ev_ref(loop);
  CHECK(ev_run(loop, EVRUN_NOWAIT));
}

static void break_all(struct ev_loop *loop, ev_io *watcher, int events) {
  note(loop, watcher, events);
  ev_break(loop, EVBREAK_ALL);
}

/* Runs the loop within a callback of the loop, until the watcher that data names breaks it. */
static void run_again(struct ev_loop *loop, ev_io *watcher, int events) {
  const int *to = watcher->data;
  (void)events;
  ev_io_stop(loop, watcher);
  put(*to);
  ev_run(loop, 0);
}

static void nested_run(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen = NOTHING_SEEN;
  ev_io outer, inner;
  int first[2], second[2];
  make_pipe(first);
  make_pipe(second);
  ev_io_init(&outer, run_again, first[0], EV_READ);
  ev_io_init(&inner, note_and_break, second[0], EV_READ);
  outer.data = &second[1];
  inner.data = &seen;
  ev_io_start(loop, &outer);
  ev_io_start(loop, &inner);
  put(first[1]);
  ev_run(loop, EVRUN_ONCE);
  CHECK(seen.calls == 1 && ev_depth(loop) == 0);
  take(second[0]);
  CHECK(look(loop, &inner).calls == 0);
}

static void break_out_of_nested_runs(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen = NOTHING_SEEN;
  ev_io outer, inner;
  int first[2], second[2];
  make_pipe(first);
  make_pipe(second);
  ev_io_init(&outer, run_again, first[0], EV_READ);
  ev_io_init(&inner, break_all, second[0], EV_READ);
  outer.data = &second[1];
  inner.data = &seen;
  ev_io_start(loop, &outer);
  ev_io_start(loop, &inner);
  put(first[1]);
  CHECK(ev_run(loop, 0));
  CHECK(seen.calls == 1);
}

static void once_seen(int events, void *argument) { *(int *)argument = events; }

static void once_with_descriptor_and_timeout(void) {
  struct ev_loop *loop = new_loop();
  int ends[2], events = -1;
  make_pipe(ends);
  ev_once(loop, ends[0], EV_READ, 0.01, once_seen, &events);
  CHECK(!ev_run(loop, 0));
  CHECK(events == EV_TIMER);
  put(ends[1]);
  ev_once(loop, ends[0], EV_READ, 1000, once_seen, &events);
  CHECK(!ev_run(loop, 0));
  CHECK(events == EV_READ);
}

/* The inner loop's port is a descriptor that the outer loop watches. */
static void embed_in(struct ev_loop *outer) {
  struct ev_loop *inner = new_loop();
  struct seen seen;
  ev_embed embed;
  ev_io watcher;
  int ends[2];
  CHECK(ev_backend(inner) & ev_embeddable_backends());
  make_pipe(ends);
  watch(inner, &watcher, ends[0], EV_READ, &seen);
  ev_embed_init(&embed, NULL, inner);
  ev_embed_start(outer, &embed);
  for (int i = 0; i < 3; i++) {
    CHECK(look(outer, &watcher).calls == 0);
    put(ends[1]);
    seen = NOTHING_SEEN;
    while (seen.calls == 0) ev_run(outer, EVRUN_ONCE);
    take(ends[0]);
  }
  CHECK(look(outer, &watcher).calls == 0);
  ev_embed_stop(outer, &embed);
  put(ends[1]);
  CHECK(look(inner, &watcher).calls == 1);
}

static void embedded_in_a_select_loop(void) { embed_in(new_select_loop()); }
static void embedded_in_a_loop_of_its_kind(void) { embed_in(new_loop()); }

static void two_loops_watch_one_descriptor(void) {
  struct ev_loop *first = new_loop(), *second = new_loop();
  struct seen first_seen, second_seen;
  ev_io first_watcher, second_watcher;
  int ends[2];
  make_pipe(ends);
  watch(first, &first_watcher, ends[0], EV_READ, &first_seen);
  watch(second, &second_watcher, ends[0], EV_READ, &second_seen);
  put(ends[1]);
  CHECK(look(first, &first_watcher).calls == 1 && look(second, &second_watcher).calls == 1);
  ev_loop_destroy(first);
  CHECK(look(second, &second_watcher).calls == 1);
}

static void loops_leave_no_descriptors(void) {
  int ends[2], before;
  make_pipe(ends);
  put(ends[1]);
  ev_loop_destroy(new_loop());
  before = count_descriptors();
  for (int i = 0; i < 100; i++) {
    struct ev_loop *loop = new_loop();
    struct seen seen;
    ev_io watcher;
    watch(loop, &watcher, ends[0], EV_READ, &seen);
    CHECK(look(loop, &watcher).calls == 1);
    ev_loop_destroy(loop);
    CHECK(count_descriptors() == before);
  }
}

static void default_loop_is_made_again(void) {
  for (int i = 0; i < 3; i++) {
    struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
    struct seen seen;
    ev_io watcher;
    int ends[2];
    CHECK(loop && ev_is_default_loop(loop));
    make_pipe(ends);
    watch(loop, &watcher, ends[0], EV_READ, &seen);
    put(ends[1]);
    CHECK(look(loop, &watcher).calls == 1);
    ev_loop_destroy(loop);
  }
}

static void record_release(struct ev_loop *loop) EV_NOEXCEPT {
  (void)loop;
  record('(');
}
static void record_acquire(struct ev_loop *loop) EV_NOEXCEPT {
  (void)loop;
  record(')');
}

static void wait_is_announced(void) {
  struct ev_loop *loop = new_loop();
  static char letter = 'r';
  ev_io watcher;
  int ends[2];
  make_pipe(ends);
  put(ends[1]);
  ev_io_init(&watcher, record_io, ends[0], EV_READ);
  watcher.data = &letter;
  ev_io_start(loop, &watcher);
  ev_set_loop_release_cb(loop, record_release, record_acquire);
  ev_run(loop, EVRUN_ONCE);
  ev_run(loop, EVRUN_NOWAIT);
  CHECK(!strcmp(order, "()r()r"));
}

/* Two loops in two threads, each of which wakes the other. */
enum { kRounds = 2000 };
struct player {
  struct ev_loop *loop;
  ev_async async;
  struct player *other;
  int rounds;
};

static void play(struct ev_loop *loop, ev_async *watcher, int events) {
  struct player *player = watcher->data;
  CHECK(events == EV_ASYNC);
  ev_async_send(player->other->loop, &player->other->async);
  if (++player->rounds == kRounds) ev_break(loop, EVBREAK_ONE);
}

static void *player_main(void *argument) {
  struct player *player = argument;
  ev_run(player->loop, 0);
  return NULL;
}

static void threads_wake_each_other(void) {
  struct player players[2];
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) {
    players[i].loop = new_loop();
    players[i].other = &players[1 - i];
    players[i].rounds = 0;
    ev_async_init(&players[i].async, play);
    players[i].async.data = &players[i];
    ev_async_start(players[i].loop, &players[i].async);
  }
  for (int i = 0; i < 2; i++) CHECK(!pthread_create(&threads[i], NULL, player_main, &players[i]));
  ev_async_send(players[0].loop, &players[0].async);
  for (int i = 0; i < 2; i++) CHECK(!pthread_join(threads[i], NULL));
  CHECK(players[0].rounds == kRounds && players[1].rounds == kRounds);
}

/* A thread that knows nothing of libev sends every byte back. */
static void *echo_main(void *argument) {
  const int *fd = argument;
  char byte;
  int left = kRounds;
  while (left-- > 0) CHECK(read(*fd, &byte, 1) == 1 && write(*fd, &byte, 1) == 1);
  return NULL;
}

static void bytes_wake_a_sleeping_loop(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen = NOTHING_SEEN;
  pthread_t thread;
  ev_io watcher;
  int ends[2];
  make_sockets(ends);
  CHECK(fcntl(ends[1], F_SETFL, 0) == 0);
  CHECK(!pthread_create(&thread, NULL, echo_main, &ends[1]));
  ev_io_init(&watcher, note_and_break, ends[0], EV_READ);
  watcher.data = &seen;
  ev_io_start(loop, &watcher);
  for (int i = 1; i <= kRounds; i++) {
    put(ends[0]);
    ev_run(loop, 0);
    CHECK(seen.calls == i);
    take(ends[0]);
  }
  CHECK(!pthread_join(thread, NULL));
}

static void file_changed(struct ev_loop *loop, ev_stat *watcher, int events) {
  CHECK(events == EV_STAT && watcher->prev.st_size == 0 && watcher->attr.st_size == 1);
  ev_break(loop, EVBREAK_ONE);
}

/* By inotify, whose descriptor libev watches like any other, or else by looking now and then. */
static void stat_watcher(void) {
  struct ev_loop *loop = new_loop();
  char path[] = "/tmp/libev-driver-XXXXXX";
  ev_stat watcher;
  int fd = mkstemp(path);
  CHECK(fd >= 0);
  ev_stat_init(&watcher, file_changed, path, 0.1);
  ev_stat_start(loop, &watcher);
  ev_run(loop, EVRUN_NOWAIT);
  put(fd);
  CHECK(ev_run(loop, 0));
  unlink(path);
}

const struct test_case loop_cases[] = {
    {"order_within_an_iteration", order_within_an_iteration},
    {"priorities", priorities},
    {"run_ends_without_watchers", run_ends_without_watchers},
    {"nested_run", nested_run},
    {"break_out_of_nested_runs", break_out_of_nested_runs},
    {"once_with_descriptor_and_timeout", once_with_descriptor_and_timeout},
    {"embedded_in_a_select_loop", embedded_in_a_select_loop},
    {"embedded_in_a_loop_of_its_kind", embedded_in_a_loop_of_its_kind},
    {"two_loops_watch_one_descriptor", two_loops_watch_one_descriptor},
    {"loops_leave_no_descriptors", loops_leave_no_descriptors},
    {"default_loop_is_made_again", default_loop_is_made_again},
    {"wait_is_announced", wait_is_announced},
    {"threads_wake_each_other", threads_wake_each_other},
    {"bytes_wake_a_sleeping_loop", bytes_wake_a_sleeping_loop},
    {"stat_watcher", stat_watcher},
    {NULL, NULL},
};
