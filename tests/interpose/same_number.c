/* SPDX-License-Identifier: MIT */
/* Several processes have associated different files under one number. */
#include "tests/interpose/support.h"

enum { kPipesEnd = 20, kCookie = 5 };

static const struct timespec zero;

static void retrieve(void *argument) {
  port_event_t events[2];
  struct timespec none = zero;
  uint_t count = 2;
  const int port = *(int *)argument;
  CHECK(port_getn(port, events, 2, &count, &none) == 0);
  CHECK(count == 1 && events[0].portev_user == (void *)kCookie);
  CHECK(events[0].portev_object == kPipesEnd && events[0].portev_events == POLLIN);
}

static void put_there(int file, int number) {
  if (file == number) return;
  CHECK(dup2(file, number) == number);
  close(file);
}

/* Has a regular file where the parent has a pipe, and a child of its own that finds its event. */
static void with_file(void *argument) {
  const int port = *(int *)argument;
  put_there(open("/etc/passwd", O_RDONLY), kPipesEnd);
  CHECK(port_associate(port, PORT_SOURCE_FD, kPipesEnd, POLLIN, (void *)kCookie) == 0);
  check_child(start_child(retrieve, argument));
}

/* The same with another pipe, which epoll does not refuse. */
static void with_pipe(void *argument) {
  const int port = *(int *)argument;
  int ends[2];
  CHECK(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
  put_there(ends[0], kPipesEnd);
  CHECK(port_associate(port, PORT_SOURCE_FD, kPipesEnd, POLLIN, (void *)kCookie) == 0);
  check_child(start_child(retrieve, argument));
}

static void beside_pipe(void (*body)(void *)) {
  int ends[2], port = port_create();
  CHECK(port >= 0 && pipe(ends) == 0);
  put_there(ends[0], kPipesEnd);
  CHECK(port_associate(port, PORT_SOURCE_FD, kPipesEnd, POLLIN, (void *)1) == 0);
  check_child(start_child(body, &port));
  close(kPipesEnd);
  close(ends[1]);
  close(port);
}

static void regular_file(void) { beside_pipe(with_file); }
static void other_pipe(void) { beside_pipe(with_pipe); }

int main(int argc, char **argv) {
  static const struct test_case cases[] = {
      {"regular_file", regular_file}, {"other_pipe", other_pipe}, {NULL, NULL}};
  return run_case(cases, argc, argv);
}
