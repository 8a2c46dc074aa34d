/* SPDX-License-Identifier: MIT */
/*
 * More processes asleep on one port than the kernel lets epoll sets watch one file: 500 for the
 * files that are associated with the port, 1000 for the port itself. The others look every 10 ms,
 * DEVIATION portc(7) crowd; nothing is lost.
 */
#include "tests/interpose/support.h"

static void get_one(void *argument) {
  const int port = *(const int *)argument;
  port_event_t event;
  CHECK(port_get(port, &event, NULL) == 0);
  CHECK(event.portev_source == PORT_SOURCE_USER);
}

/* Each of them gets one event; then none is left. */
static void gather(int count) {
  int port = port_create();
  pid_t *children = calloc((size_t)count, sizeof *children);
  CHECK(children != NULL);
  for (int i = 0; i < count; ++i) children[i] = start_child(get_one, &port);
  for (int i = 0; i < count; ++i) wait_process_asleep(children[i]);
  for (int i = 0; i < count; ++i) CHECK(port_send(port, i, NULL) == 0);
  for (int i = 0; i < count; ++i) check_child(children[i]);
  unsigned queued = 0;
  CHECK(port_getn(port, NULL, 0, &queued, NULL) == 0);
  CHECK(queued == 0);
  check_works(port);
  free(children);
  closefrom(3);
}

static void five_hundred(void) { gather(520); }
static void thousand(void) { gather(1020); }

static void get_descriptor(void *argument) {
  const int *numbers = argument;
  port_event_t event;
  CHECK(port_get(numbers[0], &event, NULL) == 0);
  if (event.portev_source == PORT_SOURCE_FD) read_byte(numbers[1]);
}

/* One of them gets the event of a descriptor, the others are sent one each. */
static void descriptor(void) {
  enum { kCount = 510 };
  static pid_t children[kCount];
  int ends[2];
  const int port = port_create();
  CHECK(pipe(ends) == 0);
  int numbers[2] = {port, ends[0]};
  CHECK(port_associate(port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, NULL) == 0);
  for (int i = 0; i < kCount; ++i) children[i] = start_child(get_descriptor, numbers);
  for (int i = 0; i < kCount; ++i) wait_process_asleep(children[i]);
  write_byte(ends[1]);
  for (int i = 1; i < kCount; ++i) CHECK(port_send(port, i, NULL) == 0);
  for (int i = 0; i < kCount; ++i) check_child(children[i]);
  closefrom(3);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {
      {"five-hundred", five_hundred},
      {"thousand", thousand},
      {"descriptor", descriptor},
      {NULL, NULL},
  };
  return run_case(cases, argc, argv);
}
