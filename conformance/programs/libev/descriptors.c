/* SPDX-License-Identifier: MIT */
/* Watchers of descriptors: what is delivered, and when nothing is. sockets.c has the sockets. */
#include "driver.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void pipe_becomes_readable(void) {
  struct watched w;
  watch_pipe(&w, 0, EV_READ);
  CHECK(look(w.loop, &w.io).calls == 0);
  put(w.ends[1]);
  CHECK(look(w.loop, &w.io).calls == 1 && w.seen.events == EV_READ);
}

static void readable_until_it_is_read(void) {
  struct watched w;
  watch_pipe(&w, 0, EV_READ);
  for (int i = 0; i < 3; i++) put(w.ends[1]);
  for (int i = 0; i < 3; i++) {
    CHECK(look(w.loop, &w.io).calls == 1);
    take(w.ends[0]);
  }
  CHECK(look(w.loop, &w.io).calls == 0);
}

static void full_pipe_becomes_writable(void) {
  struct watched w;
  watch_pipe(&w, 1, EV_WRITE);
  CHECK(look(w.loop, &w.io).events == EV_WRITE);
  fill(w.ends[1]);
  CHECK(look(w.loop, &w.io).calls == 0);
  drain(w.ends[0]);
  CHECK(look(w.loop, &w.io).events == EV_WRITE);
}

static void pipe_end_of_file(void) {
  struct watched w;
  watch_pipe(&w, 0, EV_READ);
  CHECK(look(w.loop, &w.io).calls == 0);
  close(w.ends[1]);
  CHECK(look(w.loop, &w.io).calls == 1 && w.seen.events == EV_READ);
  CHECK(drain(w.ends[0]) == 0);
}

static void pipe_without_reader(void) {
  struct watched w;
  watch_pipe(&w, 1, EV_WRITE);
  fill(w.ends[1]);
  CHECK(look(w.loop, &w.io).calls == 0);
  close(w.ends[0]);
  CHECK(look(w.loop, &w.io).calls == 1 && w.seen.events == EV_WRITE);
}

static void eventfd_counts(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen;
  ev_io reader, writer;
  struct seen written = NOTHING_SEEN;
  eventfd_t value;
  int fd = eventfd(0, EFD_NONBLOCK);
  CHECK(fd >= 0);
  watch(loop, &reader, fd, EV_READ, &seen);
  watch(loop, &writer, fd, EV_WRITE, &written);
  CHECK(look(loop, &reader).calls == 0 && written.calls == 1);
  CHECK(eventfd_write(fd, 3) == 0);
  CHECK(look(loop, &reader).calls == 1 && written.calls == 2);
  CHECK(eventfd_read(fd, &value) == 0 && value == 3);
  CHECK(look(loop, &reader).calls == 0);
}

static void timerfd_expires(void) {
  struct ev_loop *loop = new_loop();
  struct itimerspec soon = {{0, 0}, {0, 20000000}};
  struct seen seen = NOTHING_SEEN;
  ev_io watcher;
  unsigned long long expirations;
  double start = monotonic();
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  CHECK(fd >= 0 && timerfd_settime(fd, 0, &soon, NULL) == 0);
  ev_io_init(&watcher, note_and_break, fd, EV_READ);
  watcher.data = &seen;
  ev_io_start(loop, &watcher);
  ev_run(loop, 0);
  CHECK(seen.calls == 1 && monotonic() - start >= 0.02);
  CHECK(read(fd, &expirations, sizeof expirations) == sizeof expirations && expirations == 1);
}

static void pseudo_terminal(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen;
  ev_io watcher;
  int line, master = posix_openpt(O_RDWR | O_NOCTTY);
  CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
  line = open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK);
  CHECK(line >= 0);
  watch(loop, &watcher, line, EV_READ, &seen);
  CHECK(look(loop, &watcher).calls == 0);
  /* The kernel hands the line over in a thread of its own. */
  CHECK(write(master, "x\n", 2) == 2);
  seen = NOTHING_SEEN;
  ev_run(loop, EVRUN_ONCE);
  CHECK(seen.calls == 1 && seen.events == EV_READ && drain(line) == 2);
  CHECK(look(loop, &watcher).calls == 0);
}

static void regular_file_is_always_ready(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen;
  ev_io watcher;
  FILE *file = tmpfile();
  CHECK(file);
  watch(loop, &watcher, fileno(file), EV_READ | EV_WRITE, &seen);
  for (int i = 0; i < 3; i++) CHECK(look(loop, &watcher).events == (EV_READ | EV_WRITE));
}

static void two_watchers_of_one_descriptor(void) {
  struct ev_loop *loop = new_loop();
  struct seen reading, writing = NOTHING_SEEN;
  ev_io reader, writer;
  int ends[2];
  make_sockets(ends);
  watch(loop, &reader, ends[0], EV_READ, &reading);
  watch(loop, &writer, ends[0], EV_WRITE, &writing);
  CHECK(look(loop, &reader).calls == 0 && writing.calls == 1);
  put(ends[1]);
  CHECK(look(loop, &reader).calls == 1 && writing.calls == 2);
  ev_io_stop(loop, &writer);
  CHECK(look(loop, &reader).calls == 1 && writing.calls == 2);
  ev_io_start(loop, &writer);
  ev_io_stop(loop, &reader);
  CHECK(look(loop, &writer).calls == 1 && reading.calls == 1);
}

static void interest_can_change(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen;
  ev_io watcher;
  int ends[2];
  make_sockets(ends);
  put(ends[1]);
  watch(loop, &watcher, ends[0], EV_READ, &seen);
  CHECK(look(loop, &watcher).events == EV_READ);
  for (int i = 0; i < 3; i++) {
    ev_io_stop(loop, &watcher);
    ev_io_modify(&watcher, EV_WRITE);
    ev_io_start(loop, &watcher);
    CHECK(look(loop, &watcher).events == EV_WRITE);
    ev_io_stop(loop, &watcher);
    ev_io_modify(&watcher, EV_READ);
    ev_io_start(loop, &watcher);
    CHECK(look(loop, &watcher).events == EV_READ);
  }
}

static void stopped_watcher_is_silent(void) {
  struct watched w;
  watch_pipe(&w, 0, EV_READ);
  CHECK(look(w.loop, &w.io).calls == 0);
  put(w.ends[1]);
  ev_io_stop(w.loop, &w.io);
  CHECK(look(w.loop, &w.io).calls == 0);
  ev_io_start(w.loop, &w.io);
  CHECK(look(w.loop, &w.io).calls == 1);
}

/* The watcher that data names is stopped by the callback of another. */
static void stop_the_other(struct ev_loop *loop, ev_io *watcher, int events) {
  (void)events;
  ev_io_stop(loop, watcher->data);
}

static void pending_watcher_is_stopped(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen;
  ev_io victim, killer;
  int first[2], second[2];
  make_pipe(first);
  make_pipe(second);
  watch(loop, &victim, first[0], EV_READ, &seen);
  ev_io_init(&killer, stop_the_other, second[0], EV_READ);
  killer.data = &victim;
  ev_set_priority(&killer, EV_MAXPRI);
  ev_io_start(loop, &killer);
  put(first[1]);
  put(second[1]);
  CHECK(look(loop, &victim).calls == 0 && !ev_is_active(&victim));
  ev_io_stop(loop, &killer);
  ev_io_start(loop, &victim);
  CHECK(look(loop, &victim).calls == 1);
}

static void number_is_used_again(void) {
  struct ev_loop *loop = new_loop();
  struct seen old_seen, new_seen = NOTHING_SEEN;
  ev_io old_watcher, new_watcher;
  int old_ends[2], new_ends[2];
  make_pipe(old_ends);
  watch(loop, &old_watcher, old_ends[0], EV_READ, &old_seen);
  put(old_ends[1]);
  CHECK(look(loop, &old_watcher).calls == 1);
  ev_io_stop(loop, &old_watcher);
  close(old_ends[0]);
  make_pipe(new_ends);
  CHECK(new_ends[0] == old_ends[0]);
  watch(loop, &new_watcher, new_ends[0], EV_READ, &new_seen);
  CHECK(look(loop, &new_watcher).calls == 0);
  put(new_ends[1]);
  CHECK(look(loop, &new_watcher).calls == 1 && old_seen.calls == 1);
}

/* Closed while it was watched, which libev allows if the watcher is started anew afterwards. */
static void closed_under_its_watcher(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen;
  ev_io watcher;
  int old_ends[2], new_ends[2];
  make_pipe(old_ends);
  watch(loop, &watcher, old_ends[0], EV_READ, &seen);
  CHECK(look(loop, &watcher).calls == 0);
  put(old_ends[1]);
  close(old_ends[0]);
  make_pipe(new_ends);
  CHECK(new_ends[0] == old_ends[0]);
  ev_io_stop(loop, &watcher);
  ev_io_set(&watcher, new_ends[0], EV_READ);
  ev_io_start(loop, &watcher);
  CHECK(look(loop, &watcher).calls == 0);
  put(new_ends[1]);
  CHECK(look(loop, &watcher).calls == 1);
}

static void replaced_by_dup2(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen;
  ev_io watcher;
  int old_ends[2], new_ends[2];
  make_pipe(old_ends);
  make_pipe(new_ends);
  watch(loop, &watcher, old_ends[0], EV_READ, &seen);
  CHECK(look(loop, &watcher).calls == 0);
  ev_io_stop(loop, &watcher);
  CHECK(dup2(new_ends[0], old_ends[0]) == old_ends[0]);
  ev_io_set(&watcher, old_ends[0], EV_READ);
  ev_io_start(loop, &watcher);
  CHECK(look(loop, &watcher).calls == 0);
  put(new_ends[1]);
  CHECK(look(loop, &watcher).calls == 1);
}

static void duplicates_are_watched_apart(void) {
  struct ev_loop *loop = new_loop();
  struct seen seen, twin_seen = NOTHING_SEEN;
  ev_io watcher, twin;
  int ends[2], copy;
  make_pipe(ends);
  copy = dup(ends[0]);
  CHECK(copy >= 0);
  watch(loop, &watcher, ends[0], EV_READ, &seen);
  watch(loop, &twin, copy, EV_READ, &twin_seen);
  put(ends[1]);
  CHECK(look(loop, &watcher).calls == 1 && twin_seen.calls == 1);
  ev_io_stop(loop, &watcher);
  close(ends[0]);
  CHECK(look(loop, &twin).calls == 1 && seen.calls == 1);
}

enum { kMany = 400 };

static void raise_descriptor_limit(void) {
  struct rlimit limit;
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

/* More than libev retrieves at first; what does not fit in one iteration comes in the next. */
static void many_descriptors_ready_at_once(void) {
  static ev_io watchers[kMany];
  static struct seen seen[kMany];
  static int ends[kMany][2];
  struct ev_loop *loop = new_loop();
  int served = 0;
  raise_descriptor_limit();
  for (int i = 0; i < kMany; i++) {
    make_pipe(ends[i]);
    watch(loop, &watchers[i], ends[i][0], EV_READ, &seen[i]);
    put(ends[i][1]);
  }
  while (served < kMany) {
    ev_run(loop, EVRUN_ONCE);
    for (int i = 0; i < kMany; i++) {
      if (seen[i].calls && drain(ends[i][0])) served++;
    }
  }
  for (int i = 0; i < kMany; i++) CHECK(seen[i].calls >= 1 && seen[i].events == EV_READ);
  for (int i = 0; i < kMany; i++) CHECK(look(loop, &watchers[i]).calls == 0);
}

/* Passes a byte from each pipe to the next. */
static void pass_on(struct ev_loop *loop, ev_io *watcher, int events) {
  const int *next = watcher->data;
  CHECK(events == EV_READ);
  take(watcher->fd);
  if (*next < 0)
    ev_break(loop, EVBREAK_ALL);
  else
    put(*next);
}

static void one_byte_through_many_pipes(void) {
  static ev_io watchers[kMany];
  static int ends[kMany][2];
  static const int end = -1;
  struct ev_loop *loop = new_loop();
  raise_descriptor_limit();
  for (int i = 0; i < kMany; i++) make_pipe(ends[i]);
  for (int i = 0; i < kMany; i++) {
    ev_io_init(&watchers[i], pass_on, ends[i][0], EV_READ);
    watchers[i].data = (void *)(i + 1 < kMany ? &ends[i + 1][1] : &end);
    ev_io_start(loop, &watchers[i]);
  }
  for (int round = 0; round < 5; round++) {
    put(ends[0][1]);
    ev_run(loop, 0);
  }
}

const struct test_case descriptor_cases[] = {
    {"pipe_becomes_readable", pipe_becomes_readable},
    {"readable_until_it_is_read", readable_until_it_is_read},
    {"full_pipe_becomes_writable", full_pipe_becomes_writable},
    {"pipe_end_of_file", pipe_end_of_file},
    {"pipe_without_reader", pipe_without_reader},
    {"eventfd_counts", eventfd_counts},
    {"timerfd_expires", timerfd_expires},
    {"pseudo_terminal", pseudo_terminal},
    {"regular_file_is_always_ready", regular_file_is_always_ready},
    {"two_watchers_of_one_descriptor", two_watchers_of_one_descriptor},
    {"interest_can_change", interest_can_change},
    {"stopped_watcher_is_silent", stopped_watcher_is_silent},
    {"pending_watcher_is_stopped", pending_watcher_is_stopped},
    {"number_is_used_again", number_is_used_again},
    {"closed_under_its_watcher", closed_under_its_watcher},
    {"replaced_by_dup2", replaced_by_dup2},
    {"duplicates_are_watched_apart", duplicates_are_watched_apart},
    {"many_descriptors_ready_at_once", many_descriptors_ready_at_once},
    {"one_byte_through_many_pipes", one_byte_through_many_pipes},
    {NULL, NULL},
};
