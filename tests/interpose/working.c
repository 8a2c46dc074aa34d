/* SPDX-License-Identifier: MIT */
/* Does a port work? */
#include "tests/interpose/support.h"

static const struct timespec kLong = {20, 0};

static void *as_pointer(int value) { return (void *)(intptr_t)value; }

void check_takes(int port, int value) {
  port_event_t event;
  memset(&event, 0, sizeof event);
  CHECK(port_get(port, &event, &kLong) == 0);
  CHECK(event.portev_source == PORT_SOURCE_USER);
  CHECK(event.portev_events == value && event.portev_user == as_pointer(value));
}

void check_sends(int port) {
  static int value = 1000;
  ++value;
  CHECK(port_send(port, value, as_pointer(value)) == 0);
  check_takes(port, value);
}

static void check_pipe(int port) {
  port_event_t event;
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(port_associate(port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, as_pointer(77)) == 0);
  write_byte(ends[1]);
  CHECK(port_get(port, &event, &kLong) == 0);
  CHECK(event.portev_source == PORT_SOURCE_FD && event.portev_object == (uintptr_t)ends[0]);
  CHECK(event.portev_events == POLLIN && event.portev_user == as_pointer(77));
  close(ends[0]);
  close(ends[1]);
}

void check_works(int port) {
  struct sleeper sleeper;
  check_sends(port);
  check_pipe(port);
  sleeper_start(&sleeper, port);
  CHECK(port_send(port, 88, as_pointer(88)) == 0);
  sleeper_check_got(&sleeper, 88);
}

static void *sleeper_body(void *argument) {
  struct sleeper *sleeper = argument;
  __atomic_store_n(&sleeper->tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
  sleeper->result = port_get(sleeper->port, &sleeper->event, NULL);
  sleeper->error = errno;
  return NULL;
}

void sleeper_start(struct sleeper *sleeper, int port) {
  sleeper_start_as(sleeper, port, sleeper_body);
}

void sleeper_start_as(struct sleeper *sleeper, int port, void *(*body)(void *)) {
  memset(sleeper, 0, sizeof *sleeper);
  sleeper->port = port;
  CHECK(pthread_create(&sleeper->thread, NULL, body, sleeper) == 0);
  int tid;
  while ((tid = __atomic_load_n(&sleeper->tid, __ATOMIC_ACQUIRE)) == 0) sched_yield();
  snprintf(sleeper->who, sizeof sleeper->who, "self/task/%d", tid);
  wait_asleep(sleeper->who);
}

void sleeper_check_asleep(const struct sleeper *sleeper) { wait_asleep(sleeper->who); }

void sleeper_check_got(struct sleeper *sleeper, int value) {
  CHECK(pthread_join(sleeper->thread, NULL) == 0);
  errno = sleeper->error;
  CHECK(sleeper->result == 0);
  CHECK(sleeper->event.portev_source == PORT_SOURCE_USER);
  CHECK(sleeper->event.portev_events == value);
}

void sleeper_check_failed(struct sleeper *sleeper, int error) {
  CHECK(pthread_join(sleeper->thread, NULL) == 0);
  errno = sleeper->error;
  CHECK(sleeper->result == -1 && sleeper->error == error);
}
