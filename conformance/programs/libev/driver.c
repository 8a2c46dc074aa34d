/* SPDX-License-Identifier: MIT */
/*
 * Drives libev, which has no tests of its own, on the backend that LIBEV_FLAGS names.
 *
 *   driver [CASE...]       default: all of them
 *
 * The first line says which backend libev chose, "backend EVBACKEND_PORT"; then comes "ok CASE" or
 * "failed CASE" for each case, and the reason on standard error. Exit status: 0 all cases passed;
 * 1 one failed; 2 there is no such case.
 */
#include "driver.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A case that hangs is ended, and has failed; what a case does takes two seconds at most. */
enum { kCaseSeconds = 30 };

void check(bool condition, const char *text, const char *file, int line) {
  if (condition) return;
  dprintf(STDERR_FILENO, "%s:%d: not true: %s (errno: %s)\n", file, line, text, strerror(errno));
  _exit(1);
}

void note(struct ev_loop *loop, ev_io *watcher, int events) {
  struct seen *seen = watcher->data;
  (void)loop;
  seen->calls++;
  seen->events |= events;
}

void note_and_break(struct ev_loop *loop, ev_io *watcher, int events) {
  note(loop, watcher, events);
  ev_break(loop, EVBREAK_ONE);
}

void timer_break(struct ev_loop *loop, ev_timer *watcher, int events) {
  (void)watcher;
  (void)events;
  ev_break(loop, EVBREAK_ONE);
}

struct ev_loop *new_loop(void) {
  struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
  CHECK(loop);
  return loop;
}

struct ev_loop *new_select_loop(void) {
  struct ev_loop *loop = ev_loop_new(EVFLAG_NOENV | EVBACKEND_SELECT);
  CHECK(loop && ev_backend(loop) == EVBACKEND_SELECT);
  return loop;
}

void watch(struct ev_loop *loop, ev_io *watcher, int fd, int events, struct seen *seen) {
  ev_io_init(watcher, note, fd, events);
  watcher->data = seen;
  ev_io_start(loop, watcher);
}

struct seen look(struct ev_loop *loop, ev_io *watcher) {
  struct seen *seen = watcher->data;
  *seen = NOTHING_SEEN;
  ev_run(loop, EVRUN_NOWAIT);
  return *seen;
}

void set_nonblocking(int fd) { CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0); }

void make_pipe(int ends[2]) {
  CHECK(pipe(ends) == 0);
  set_nonblocking(ends[0]);
  set_nonblocking(ends[1]);
}

void make_sockets(int ends[2]) {
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
}

static void watch_end(struct watched *watched, int end, int events) {
  watched->loop = new_loop();
  watch(watched->loop, &watched->io, watched->ends[end], events, &watched->seen);
}

void watch_pipe(struct watched *watched, int end, int events) {
  make_pipe(watched->ends);
  watch_end(watched, end, events);
}

void watch_sockets(struct watched *watched, int end, int events) {
  make_sockets(watched->ends);
  watch_end(watched, end, events);
}

size_t fill(int fd) {
  static const char block[4096];
  size_t total = 0;
  ssize_t n;
  while ((n = write(fd, block, sizeof block)) > 0) total += (size_t)n;
  CHECK(errno == EAGAIN);
  return total;
}

size_t drain(int fd) {
  char block[4096];
  size_t total = 0;
  ssize_t n;
  while ((n = read(fd, block, sizeof block)) > 0) total += (size_t)n;
  CHECK(n == 0 || errno == EAGAIN || errno == ECONNRESET);
  return total;
}

void put(int fd) { CHECK(write(fd, "x", 1) == 1); }

void take(int fd) {
  char byte;
  CHECK(read(fd, &byte, 1) == 1 && byte == 'x');
}

double monotonic(void) {
  struct timespec now;
  CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int count_descriptors(void) {
  DIR *dir = opendir("/proc/self/fd");
  int count = 0;
  CHECK(dir);
  while (readdir(dir)) count++;
  closedir(dir);
  return count;
}

/* Runs a case in a child, so that neither a crash nor a stuck loop ends the others. */
static bool run_case(const struct test_case *test) {
  int status;
  bool passed;
  pid_t child;
  fflush(NULL);
  child = fork();
  if (child == 0) {
    alarm(kCaseSeconds);
    test->run();
    _exit(0);
  }
  CHECK(child > 0 && waitpid(child, &status, 0) == child);
  passed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (WIFSIGNALED(status)) fprintf(stderr, "%s: %s\n", test->name, strsignal(WTERMSIG(status)));
  printf("%s %s\n", passed ? "ok" : "failed", test->name);
  return passed;
}

static bool is_named(const char *name, char **names) {
  for (; *names; names++) {
    if (!strcmp(name, *names)) return true;
  }
  return false;
}

static void print_backend(void) {
  struct ev_loop *loop = new_loop();
  unsigned backend = ev_backend(loop);
  if (backend == EVBACKEND_PORT)
    printf("backend EVBACKEND_PORT\n");
  else if (backend == EVBACKEND_EPOLL)
    printf("backend EVBACKEND_EPOLL\n");
  else
    printf("backend %#x\n", backend);
  ev_loop_destroy(loop);
}

int main(int argc, char **argv) {
  const struct test_case *const topics[] = {descriptor_cases, socket_cases,  loop_cases,
                                            timer_cases,      process_cases, stress_cases};
  int ran = 0, failed = 0;
  print_backend();
  for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
    for (const struct test_case *test = topics[i]; test->name; test++) {
      if (argc > 1 && !is_named(test->name, argv + 1)) continue;
      ran++;
      if (!run_case(test)) failed++;
    }
  }
  if (ran == 0 || (argc > 1 && ran != argc - 1)) {
    fprintf(stderr, "driver: there is no such case\n");
    return 2;
  }
  return failed ? 1 : 0;
}
