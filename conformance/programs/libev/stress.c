/* SPDX-License-Identifier: MIT */
/*
 * The backend under test and libev's select backend watch the same descriptors, to which the same
 * random things happen; after each of them, one iteration of either loop must see the same. The
 * random numbers are the same in every run.
 */
#include "driver.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { kObjects = 16, kSteps = 6000 };

/* One end of a pipe or of a socket pair, and its watcher in each loop. */
struct end {
  int fd;      /* -1: closed */
  int allowed; /* what may be asked for: of a pipe's end, one direction */
  ev_io tested, selected;
  struct seen tested_seen, selected_seen;
};

struct object {
  struct end ends[2];
};

static struct ev_loop *tested_loop, *select_loop;
static struct object objects[kObjects];
static uint32_t random_state = 2463534242u;
static bool with_pipes, with_sockets, with_reuse;

/* Marsaglia's xorshift. */
static uint32_t random_below(uint32_t limit) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state % limit;
}

static void start_end(struct end *end) {
  int events = end->allowed;
  if (events == (EV_READ | EV_WRITE)) events = 1 + (int)random_below(3);
  watch(tested_loop, &end->tested, end->fd, events, &end->tested_seen);
  watch(select_loop, &end->selected, end->fd, events, &end->selected_seen);
}

static void stop_end(struct end *end) {
  ev_io_stop(tested_loop, &end->tested);
  ev_io_stop(select_loop, &end->selected);
}

static void open_object(struct object *object) {
  bool sockets = with_sockets && (!with_pipes || random_below(2));
  int fds[2];
  if (sockets)
    make_sockets(fds);
  else
    make_pipe(fds);
  for (int i = 0; i < 2; i++) {
    object->ends[i].fd = fds[i];
    object->ends[i].allowed = sockets ? EV_READ | EV_WRITE : i == 0 ? EV_READ : EV_WRITE;
    start_end(&object->ends[i]);
  }
}

/* libev lets a descriptor be closed first, as long as its watcher is stopped before it matters. */
static void close_end(struct end *end) {
  bool close_first = with_reuse && random_below(2);
  if (end->fd < 0) return;
  if (close_first) close(end->fd);
  stop_end(end);
  if (!close_first) close(end->fd);
  end->fd = -1;
}

/* The new descriptors get the numbers of the old ones. */
static void replace_object(struct object *object) {
  close_end(&object->ends[0]);
  close_end(&object->ends[1]);
  open_object(object);
}

static void happen_to_bytes(struct object *object, struct end *end, bool all) {
  struct end *far = end == &object->ends[0] ? &object->ends[1] : &object->ends[0];
  char byte = 'x';
  if (random_below(2)) {
    if (end->allowed & EV_READ) (void)(all ? (ssize_t)drain(end->fd) : read(end->fd, &byte, 1));
  } else if ((end->allowed & EV_WRITE) && far->fd >= 0) {
    (void)(all ? (ssize_t)fill(end->fd) : write(end->fd, &byte, 1));
  }
}

static void happen_to_watchers(struct end *end) {
  if (ev_is_active(&end->tested)) stop_end(end);
  if (random_below(4)) start_end(end);
}

static void step(void) {
  struct object *object = &objects[random_below(kObjects)];
  struct end *end = &object->ends[random_below(2)];
  uint32_t what = random_below(100);
  if (what < 5 || end->fd < 0)
    replace_object(object);
  else if (what < 10)
    close_end(end);
  else if (what < 30)
    happen_to_watchers(end);
  else
    happen_to_bytes(object, end, what < 50);
}

static void forget(void) {
  for (int i = 0; i < kObjects; i++) {
    for (int j = 0; j < 2; j++)
      objects[i].ends[j].tested_seen = objects[i].ends[j].selected_seen = NOTHING_SEEN;
  }
}

/* Both loops have watched it at the same moment: nothing else touches these descriptors. */
static long compare_end(const struct end *end, int number) {
  const struct seen *tested = &end->tested_seen, *selected = &end->selected_seen;
  if (tested->calls != selected->calls || tested->events != selected->events)
    dprintf(STDERR_FILENO, "step %d, descriptor %d: events %d in %d calls, select: %d in %d\n",
            number, end->fd, tested->events, tested->calls, selected->events, selected->calls);
  CHECK(tested->calls == selected->calls && tested->events == selected->events);
  return tested->calls;
}

static long compare_all(int number) {
  long calls = 0;
  for (int i = 0; i < kObjects; i++) {
    for (int j = 0; j < 2; j++) calls += compare_end(&objects[i].ends[j], number);
  }
  return calls;
}

static void run_steps(void) {
  long calls = 0;
  tested_loop = new_loop();
  select_loop = new_select_loop();
  for (int i = 0; i < kObjects; i++) open_object(&objects[i]);
  for (int number = 0; number < kSteps; number++) {
    step();
    forget();
    ev_run(tested_loop, EVRUN_NOWAIT);
    ev_run(select_loop, EVRUN_NOWAIT);
    calls += compare_all(number);
  }
  /* It would mean nothing if neither ever saw anything. */
  CHECK(calls > kSteps);
}

static void pipes_as_on_select(void) {
  with_pipes = true;
  run_steps();
}

static void sockets_as_on_select(void) {
  with_sockets = true;
  run_steps();
}

static void numbers_used_again_as_on_select(void) {
  with_pipes = with_sockets = with_reuse = true;
  run_steps();
}

const struct test_case stress_cases[] = {
    {"pipes_as_on_select", pipes_as_on_select},
    {"sockets_as_on_select", sockets_as_on_select},
    {"numbers_used_again_as_on_select", numbers_used_again_as_on_select},
    {NULL, NULL},
};
