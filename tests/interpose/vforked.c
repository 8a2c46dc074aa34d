/* SPDX-License-Identifier: MIT */
/*
 * Children that share the parent's memory until they exec close descriptors of their own, or pass
 * a port on to the program that they execute.
 */
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

/* --- what the program that is executed finds --- */

enum { kElsewhere = 50, kHighest = 5000 };

/* The program itself: the numbers are fixed, so that the child writes to no memory. */
static char stage[16], number[16], self[] = "/proc/self/exe";
static char *const kStage[] = {self, stage, number, NULL};

static void prepare_stage(const char *name, int fd) {
  port = port_create();
  CHECK(port >= 0);
  check_works(port);
  snprintf(stage, sizeof stage, "%s", name);
  snprintf(number, sizeof number, "%d", fd < 0 ? port : fd);
}

static void run_stage(void (*child)(void)) {
  const pid_t pid = vfork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    child();
    execv(self, kStage);
    _exit(127);
  }
  CHECK(pid > 0);
  check_child(pid);
  check_works(port);
  close(port);
  check_nothing_of_ports();
}

static void marked(void) { CHECK(fcntl(port, F_SETFD, FD_CLOEXEC) == 0); }

static void child_unmarks(void) { fcntl(port, F_SETFD, 0); }
static void child_duplicates(void) { dup2(port, kElsewhere); }
static void child_closes_one(void) { close(port); }
static void child_marks_one(void) { ioctl(port, FIOCLEX); }
static void child_closes_others(void) { closefrom(port + 1); }

static void child_moves(void) {
  dup2(port, kElsewhere);
  close(port);
}

static void child_closes_others_singly(void) {
  for (int fd = 3; fd < kHighest; ++fd)
    if (fd != port) close(fd);
}

static void child_closes_singly(void) {
  for (int fd = 3; fd < kHighest; ++fd) close(fd);
}

static void child_closes_downwards(void) {
  for (int fd = kHighest; fd >= 3; --fd) close(fd);
}

static void pass_unmarked(void) {
  prepare_stage("--works", -1);
  marked();
  run_stage(child_unmarks);
}

static void pass_duplicate(void) {
  prepare_stage("--works", kElsewhere);
  marked();
  run_stage(child_duplicates);
}

static void pass_moved(void) {
  prepare_stage("--works", kElsewhere);
  run_stage(child_moves);
}

static void pass_alone(void) {
  prepare_stage("--works", -1);
  run_stage(child_closes_others);
}

static void pass_alone_singly(void) {
  prepare_stage("--works", -1);
  run_stage(child_closes_others_singly);
}

#define LEAVES_NOTHING(name, child) \
  static void name(void) {          \
    prepare_stage("--nothing", -1); \
    run_stage(child);               \
  }
LEAVES_NOTHING(nothing_closed, child_closes_one)
LEAVES_NOTHING(nothing_marked, child_marks_one)
LEAVES_NOTHING(nothing_closefrom, child_closes_all)
LEAVES_NOTHING(nothing_singly, child_closes_singly)
LEAVES_NOTHING(nothing_downwards, child_closes_downwards)

static void check_cut_off(int fd) { CHECK_FAILS(port_send(fd, 1, NULL), EBADFD); }

static void spawn_stage(posix_spawn_file_actions_t *actions) {
  pid_t pid;
  CHECK(posix_spawn(&pid, self, actions, NULL, kStage, environ) == 0);
  CHECK(posix_spawn_file_actions_destroy(actions) == 0);
  check_child(pid);
  check_works(port);
  close(port);
  check_nothing_of_ports();
}

/* A file action puts the port at a number that stays, though the port itself does not. */
static void spawn_passes(void) {
  posix_spawn_file_actions_t actions;
  prepare_stage("--works", kElsewhere);
  marked();
  CHECK(posix_spawn_file_actions_init(&actions) == 0);
  CHECK(posix_spawn_file_actions_adddup2(&actions, port, kElsewhere) == 0);
  spawn_stage(&actions);
}

static void spawn_unmarks(void) {
  posix_spawn_file_actions_t actions;
  prepare_stage("--works", -1);
  marked();
  CHECK(posix_spawn_file_actions_init(&actions) == 0);
  CHECK(posix_spawn_file_actions_adddup2(&actions, port, port) == 0);
  spawn_stage(&actions);
}

static void spawn_marked(void) {
  posix_spawn_file_actions_t actions;
  prepare_stage("--nothing", -1);
  marked();
  CHECK(posix_spawn_file_actions_init(&actions) == 0);
  spawn_stage(&actions);
}

/* DEVIATION portc(7) hidden-descriptors: libc's child closes what the port consists of. */
static void spawn_cut_off(void) {
  posix_spawn_file_actions_t actions;
  prepare_stage("--cut-off", -1);
  CHECK(posix_spawn_file_actions_init(&actions) == 0);
  CHECK(posix_spawn_file_actions_addclosefrom_np(&actions, port + 1) == 0);
  spawn_stage(&actions);
}

static void spawn_nothing(void) {
  posix_spawn_file_actions_t actions;
  prepare_stage("--nothing", -1);
  CHECK(posix_spawn_file_actions_init(&actions) == 0);
  CHECK(posix_spawn_file_actions_addclosefrom_np(&actions, 3) == 0);
  spawn_stage(&actions);
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {{"vfork_close", vfork_close},
                                           {"vfork_replace", vfork_replace},
                                           {"vfork_closefrom", vfork_closefrom},
                                           {"vfork_close_range", vfork_close_range},
                                           {"vfork_mark", vfork_mark},
                                           {"vfork_exit", vfork_exit},
                                           {"spawn_close", spawn_close},
                                           {"spawn_closefrom", spawn_closefrom},
                                           {"spawn_dup2", spawn_dup2},
                                           {"pass_unmarked", pass_unmarked},
                                           {"pass_duplicate", pass_duplicate},
                                           {"pass_moved", pass_moved},
                                           {"pass_alone", pass_alone},
                                           {"pass_alone_singly", pass_alone_singly},
                                           {"nothing_closed", nothing_closed},
                                           {"nothing_marked", nothing_marked},
                                           {"nothing_closefrom", nothing_closefrom},
                                           {"nothing_singly", nothing_singly},
                                           {"nothing_downwards", nothing_downwards},
                                           {"spawn_passes", spawn_passes},
                                           {"spawn_unmarks", spawn_unmarks},
                                           {"spawn_marked", spawn_marked},
                                           {"spawn_nothing", spawn_nothing},
                                           {"spawn_cut_off", spawn_cut_off},
                                           {NULL, NULL}};
  if (argc == 3 && strcmp(argv[1], "--nothing") == 0) return check_nothing_of_ports(), 0;
  if (argc == 3 && strcmp(argv[1], "--cut-off") == 0) return check_cut_off(atoi(argv[2])), 0;
  if (argc == 3 && strcmp(argv[1], "--works") == 0) return check_works(atoi(argv[2])), 0;
  return run_case(cases, argc, argv);
}
