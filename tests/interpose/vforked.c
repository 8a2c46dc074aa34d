/* SPDX-License-Identifier: MIT */
/* Children that share the parent's memory until they exec close descriptors of their own. */
#include <spawn.h>
#include <sys/prctl.h>

#include "tests/interpose/support.h"

extern char **environ;

static char kTrue[] = "/bin/true";
static char *const kArguments[] = {kTrue, NULL};
static int port, ends[2];

static void make(void) {
  port = port_create();
  CHECK(port >= 0 && pipe(ends) == 0);
  CHECK(port_associate(port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, (void *)3) == 0);
  CHECK(port_send(port, 4, (void *)4) == 0);
}

/* The event sent before, the association made before, and everything else. */
static void check_intact(void) {
  port_event_t event;
  const struct timespec zero = {0, 0};
  check_takes(port, 4);
  write_byte(ends[1]);
  CHECK(port_get(port, &event, &zero) == 0);
  CHECK(event.portev_source == PORT_SOURCE_FD && event.portev_user == (void *)3);
  check_works(port);
  close(ends[0]);
  close(ends[1]);
  close(port);
}

static void child_closes(void) {
  close(ends[0]);
  close(port);
}

static void child_replaces(void) {
  dup2(ends[1], ends[0]);
  dup2(ends[1], port);
}

static void child_closes_all(void) { closefrom(3); }

static void child_closes_range(void) { close_range(3, ~0U, 0); }

/* What the child does to its own copies of the flags is its own affair. */
static void child_marks(void) {
  fcntl(port, F_SETFD, FD_CLOEXEC);
  (void)dup(port);
}

static void check_vfork(void (*child)(void)) {
  make();
  const pid_t pid = vfork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    child();
    execv(kTrue, kArguments);
    _exit(127);
  }
  CHECK(pid > 0);
  check_child(pid);
  check_intact();
}

static void vfork_close(void) { check_vfork(child_closes); }
static void vfork_replace(void) { check_vfork(child_replaces); }
static void vfork_closefrom(void) { check_vfork(child_closes_all); }
static void vfork_close_range(void) { check_vfork(child_closes_range); }
static void vfork_mark(void) { check_vfork(child_marks); }

/* The child leaves by _exit, without an exec. */
static void vfork_exit(void) {
  make();
  const pid_t pid = vfork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    child_closes();
    _exit(0);
  }
  CHECK(pid > 0);
  check_child(pid);
  check_intact();
}

static void check_spawn(posix_spawn_file_actions_t *actions) {
  pid_t pid;
  CHECK(posix_spawn(&pid, kTrue, actions, NULL, kArguments, environ) == 0);
  CHECK(posix_spawn_file_actions_destroy(actions) == 0);
  check_child(pid);
  check_intact();
}

static void spawn_close(void) {
  posix_spawn_file_actions_t actions;
  make();
  CHECK(posix_spawn_file_actions_init(&actions) == 0);
  CHECK(posix_spawn_file_actions_addclose(&actions, port) == 0);
  CHECK(posix_spawn_file_actions_addclose(&actions, ends[0]) == 0);
  check_spawn(&actions);
}

static void spawn_closefrom(void) {
  posix_spawn_file_actions_t actions;
  make();
  CHECK(posix_spawn_file_actions_init(&actions) == 0);
  CHECK(posix_spawn_file_actions_addclosefrom_np(&actions, 3) == 0);
  check_spawn(&actions);
}

static void spawn_dup2(void) {
  posix_spawn_file_actions_t actions;
  make();
  CHECK(posix_spawn_file_actions_init(&actions) == 0);
  CHECK(posix_spawn_file_actions_adddup2(&actions, ends[1], port) == 0);
  check_spawn(&actions);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {
      {"vfork_close", vfork_close},         {"vfork_replace", vfork_replace},
      {"vfork_closefrom", vfork_closefrom}, {"vfork_close_range", vfork_close_range},
      {"vfork_mark", vfork_mark},           {"vfork_exit", vfork_exit},
      {"spawn_close", spawn_close},         {"spawn_closefrom", spawn_closefrom},
      {"spawn_dup2", spawn_dup2},           {NULL, NULL}};
  return run_case(cases, argc, argv);
}
