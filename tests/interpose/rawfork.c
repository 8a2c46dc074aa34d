/* SPDX-License-Identifier: MIT */
/* A child that no fork handler knows of (a plain clone) uses the ports it inherited. */
#include <sched.h>

#include "tests/interpose/support.h"

static void child_end(pid_t pid, int value, int port) {
  CHECK(port_send(port, value, (void *)(intptr_t)value) == 0);
  check_child(pid);
}

/* The parent sleeps on one port, the child on the other. */
static void child_sleeps(void) {
  struct sleeper sleeper;
  const int parents = port_create(), shared = port_create();
  CHECK(parents >= 0 && shared >= 0);
  sleeper_start(&sleeper, parents);
  const pid_t pid = raw_fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    check_sends(shared);
    close(parents);
    check_takes(shared, 5);
    _exit(0);
  }
  wait_process_asleep(pid);
  sleeper_check_asleep(&sleeper);
  child_end(pid, 5, shared);
  sleeper_check_asleep(&sleeper);
  CHECK(port_send(parents, 6, (void *)6) == 0);
  sleeper_check_got(&sleeper, 6);
  check_works(shared);
  close(parents);
  close(shared);
}

/* Both sleep on the same port: two events, one each. */
static void same_port(void) {
  struct sleeper sleeper;
  const int port = port_create();
  CHECK(port >= 0);
  sleeper_start(&sleeper, port);
  const pid_t pid = raw_fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    check_takes(port, 9);
    _exit(0);
  }
  wait_process_asleep(pid);
  CHECK(port_send(port, 9, (void *)9) == 0);
  CHECK(port_send(port, 9, (void *)9) == 0);
  sleeper_check_got(&sleeper, 9);
  check_child(pid);
  check_works(port);
  close(port);
}

/* The child's end, by _exit and by a signal, takes nothing from the parent. */
static void child_ends(void) {
  port_event_t event;
  int ends[2];
  const struct timespec zero = {0, 0};
  const int port = port_create();
  CHECK(port >= 0 && pipe(ends) == 0);
  CHECK(port_associate(port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, NULL) == 0);
  const pid_t pid = raw_fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    check_sends(port);
    close(ends[0]);
    close(port);
    _exit(0);
  }
  check_child(pid);
  write_byte(ends[1]);
  CHECK(port_get(port, &event, &zero) == 0);
  CHECK(event.portev_object == (uintptr_t)ends[0] && event.portev_source == PORT_SOURCE_FD);
  check_works(port);
  close(ends[0]);
  close(ends[1]);
  close(port);
}

/* A child that shares the table of descriptors, but no memory, leaves the parent its own. */
static void shared_table(void) {
  struct sleeper sleeper;
  const int port = port_create();
  CHECK(port >= 0);
  sleeper_start(&sleeper, port);
  const pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
  CHECK(pid >= 0);
  if (pid == 0) {
    CHECK(port_send(port, 5, NULL) == 0);
    _exit(0);
  }
  check_child(pid);
  sleeper_check_got(&sleeper, 5);
  CHECK(count_links("self", "[eventpoll]") == 2);
  check_works(port);
  close(port);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {{"child_sleeps", child_sleeps},
                                           {"same_port", same_port},
                                           {"child_ends", child_ends},
                                           {"shared_table", shared_table},
                                           {NULL, NULL}};
  return run_case(cases, argc, argv);
}
