/* SPDX-License-Identifier: MIT */
/*
 * What the cases of the libev driver share. A case is a function that runs in a process of its
 * own, so it may leave behind what it likes, and that returns if all went well.
 */
#ifndef DRIVER_H
#define DRIVER_H

#include <ev.h>
#include <stdbool.h>

struct test_case {
  const char *name;
  void (*run)(void);
};

/* The cases by topic; each list ends with an empty name. */
extern const struct test_case descriptor_cases[];
extern const struct test_case socket_cases[];
extern const struct test_case loop_cases[];
extern const struct test_case timer_cases[];
extern const struct test_case process_cases[];
extern const struct test_case stress_cases[];

/* Ends the process, as failed, unless what it is given is true. */
#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)
void check(bool condition, const char *text, const char *file, int line);

/* What a watcher's callback saw; the watcher's data points to it. */
struct seen {
  int calls;
  int events; /* all of them together */
};
#define NOTHING_SEEN ((struct seen){0, 0})
void note(struct ev_loop *loop, ev_io *watcher, int events);
/* Ends the innermost ev_run as well. */
void note_and_break(struct ev_loop *loop, ev_io *watcher, int events);
void timer_break(struct ev_loop *loop, ev_timer *watcher, int events);

/* A loop on the backend that LIBEV_FLAGS names, and one on select for comparison. */
struct ev_loop *new_loop(void);
struct ev_loop *new_select_loop(void);

/* Starts a watcher whose callback is note. */
void watch(struct ev_loop *loop, ev_io *watcher, int fd, int events, struct seen *seen);
/* One iteration that does not wait; forgets what was seen before. */
struct seen look(struct ev_loop *loop, ev_io *watcher);

/* What most cases begin with: a loop that watches one end of a pipe, or of a pair of sockets. */
struct watched {
  struct ev_loop *loop;
  ev_io io;
  struct seen seen;
  int ends[2];
};
void watch_pipe(struct watched *watched, int end, int events);
void watch_sockets(struct watched *watched, int end, int events);

/* Descriptors that do not block. */
void make_pipe(int ends[2]);
void make_sockets(int ends[2]);
void set_nonblocking(int fd);
/* Writes until no more fits; the number of bytes. */
size_t fill(int fd);
/* Reads until there is no more; the number of bytes. */
size_t drain(int fd);
void put(int fd);       /* one byte */
void take(int fd);      /* the same */
double monotonic(void); /* seconds */
int count_descriptors(void);

#endif
