/* SPDX-License-Identifier: MIT */
/*
 * Ports through exec. A port's hidden descriptors stay if one of its numbers does, whichever way
 * FD_CLOEXEC came and went; otherwise nothing of the port is left.
 *
 * A case runs in a child, which executes this program anew with a stage's name.
 */
#include "tests/interpose/support.h"

enum { kElsewhere = 50, kHighest = 5000 };

static void after_exec(const char *stage, int number) {
  char word[16];
  snprintf(word, sizeof word, "%d", number);
  execute_self(stage, word, NULL);
  CHECK(!"exec came back");
}

static void in_child(void (*body)(void *)) { check_child(start_child(body, NULL)); }

static void nothing_left(void) { after_exec("--nothing", 0); }
static void works(int number) { after_exec("--works", number); }

static int made(void) {
  const int port = port_create();
  CHECK(port >= 0);
  return port;
}

/* --- a chain of two, with an association that comes along --- */

static void chain_body(void *unused) {
  (void)unused;
  int ends[2];
  const int port = made();
  CHECK(pipe(ends) == 0);
  CHECK(port_associate(port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, (void *)3) == 0);
  CHECK(dup2(ends[1], kElsewhere) == kElsewhere);
  CHECK(port_send(port, 1, (void *)1) == 0);
  after_exec("--first", port);
}

static void stage_first(int port) {
  check_takes(port, 1);
  check_works(port);
  CHECK(port_send(port, 2, (void *)2) == 0);
  after_exec("--second", port);
}

static void stage_second(int port) {
  port_event_t event;
  const struct timespec zero = {0, 0};
  check_takes(port, 2);
  write_byte(kElsewhere);
  CHECK(port_get(port, &event, &zero) == 0);
  CHECK(event.portev_source == PORT_SOURCE_FD && event.portev_user == (void *)3);
  check_works(port);
}

static void chain(void) { in_child(chain_body); }

/* --- all numbers are close-on-exec --- */

static void by_fcntl(void *unused) {
  (void)unused;
  CHECK(fcntl(made(), F_SETFD, FD_CLOEXEC) == 0);
  nothing_left();
}

static void by_fcntl64(void *unused) {
  (void)unused;
  CHECK(fcntl64(made(), F_SETFD, FD_CLOEXEC) == 0);
  nothing_left();
}

static void by_ioctl(void *unused) {
  (void)unused;
  CHECK(ioctl(made(), FIOCLEX) == 0);
  nothing_left();
}

static void by_close_range(void *unused) {
  (void)unused;
  (void)made();
  CHECK(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0);
  nothing_left();
}

/* The number that would have stayed is closed again. */
static void by_dup3(void *unused) {
  (void)unused;
  const int port = made();
  CHECK(dup3(port, kElsewhere, O_CLOEXEC) == kElsewhere);
  CHECK(close(port) == 0);
  nothing_left();
}

static void by_dupfd_cloexec(void *unused) {
  (void)unused;
  const int port = made();
  CHECK(fcntl(port, F_DUPFD_CLOEXEC, kElsewhere) >= kElsewhere);
  CHECK(close(port) == 0);
  nothing_left();
}

/* ... or replaced by something else. */
static void by_replacement(void *unused) {
  (void)unused;
  const int port = made();
  CHECK(fcntl(port, F_DUPFD_CLOEXEC, kElsewhere) >= kElsewhere);
  CHECK(dup2(0, port) == port);
  nothing_left();
}

/* The program that was executed marks the number before it has used it as a port. */
static void by_the_next(void *unused) {
  (void)unused;
  after_exec("--marks", made());
}

static void stage_marks(int port) {
  CHECK(fcntl(port, F_SETFD, FD_CLOEXEC) == 0);
  check_works(port);
  nothing_left();
}

/* Clearing the flag of everything else, hidden descriptors among it, keeps nothing. */
static void by_the_port_alone(void *unused) {
  (void)unused;
  const int port = made();
  check_works(port);
  CHECK(fcntl(port, F_SETFD, FD_CLOEXEC) == 0);
  for (int fd = 3; fd < kHighest; ++fd)
    if (fd != port) (void)fcntl(fd, F_SETFD, 0);
  nothing_left();
}

/* With a process's own wait set, made by a sleeper. */
static void after_sleeping(void *unused) {
  (void)unused;
  const int port = made();
  check_works(port);
  CHECK(fcntl(port, F_SETFD, FD_CLOEXEC) == 0);
  nothing_left();
}

static void cloexec_fcntl(void) { in_child(by_fcntl); }
static void cloexec_fcntl64(void) { in_child(by_fcntl64); }
static void cloexec_ioctl(void) { in_child(by_ioctl); }
static void cloexec_close_range(void) { in_child(by_close_range); }
static void cloexec_dup3(void) { in_child(by_dup3); }
static void cloexec_dupfd(void) { in_child(by_dupfd_cloexec); }
static void cloexec_replaced(void) { in_child(by_replacement); }
static void cloexec_next(void) { in_child(by_the_next); }
static void cloexec_alone(void) { in_child(by_the_port_alone); }
static void cloexec_slept(void) { in_child(after_sleeping); }

/* --- one number is not --- */

static void keep_first(void *unused) {
  (void)unused;
  const int port = made();
  CHECK(fcntl(port, F_DUPFD_CLOEXEC, kElsewhere) >= kElsewhere);
  CHECK(dup3(port, kElsewhere + 10, O_CLOEXEC) == kElsewhere + 10);
  works(port);
}

static void keep_dup(void *unused) {
  (void)unused;
  const int port = made();
  CHECK(fcntl(port, F_SETFD, FD_CLOEXEC) == 0);
  const int copy = dup(port);
  CHECK(copy >= 0);
  works(copy);
}

static void keep_dup2(void *unused) {
  (void)unused;
  const int port = made();
  CHECK(ioctl(port, FIOCLEX) == 0);
  CHECK(dup2(port, kElsewhere) == kElsewhere);
  works(kElsewhere);
}

static void keep_dupfd(void *unused) {
  (void)unused;
  const int port = made();
  CHECK(fcntl(port, F_SETFD, FD_CLOEXEC) == 0);
  CHECK(fcntl(port, F_DUPFD, kElsewhere) == kElsewhere);
  CHECK(close(port) == 0);
  works(kElsewhere);
}

static void keep_undone(void *unused) {
  (void)unused;
  const int port = made();
  CHECK(fcntl(port, F_SETFD, FD_CLOEXEC) == 0);
  CHECK(ioctl(port, FIONCLEX) == 0);
  works(port);
}

/* One of two numbers is marked, with others around it. */
static void keep_outside_range(void *unused) {
  (void)unused;
  const int port = made();
  CHECK(dup2(port, kElsewhere) == kElsewhere);
  CHECK(close_range(3, kElsewhere - 1, CLOSE_RANGE_CLOEXEC) == 0);
  works(kElsewhere);
}

/* As programs do that name what is to stay: the hidden descriptors are no exceptions to them. */
static void keep_named(void *unused) {
  (void)unused;
  const int port = made();
  check_works(port);
  for (int fd = 3; fd < kHighest; ++fd)
    if (fd != port) (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
  works(port);
}

/* The same, but everything is marked first; ioctl, for a change. */
static void keep_renamed(void *unused) {
  (void)unused;
  const int port = made();
  check_works(port);
  for (int fd = 3; fd < kHighest; ++fd) (void)ioctl(fd, FIOCLEX);
  CHECK(ioctl(port, FIONCLEX) == 0);
  works(port);
}

/* A number made behind the library's back, and then used. */
static void keep_unseen(void *unused) {
  (void)unused;
  const int port = made();
  CHECK(fcntl(port, F_SETFD, FD_CLOEXEC) == 0);
  CHECK(syscall(SYS_dup2, port, kElsewhere) == kElsewhere);
  check_works(kElsewhere);
  works(kElsewhere);
}

/* What is started by a socket's name: the port is at 3, everything above is closed. */
static void keep_third(void *unused) {
  (void)unused;
  CHECK(open("/dev/null", O_RDONLY) == 3);
  const int port = made();
  CHECK(fcntl(port, F_SETFD, FD_CLOEXEC) == 0);
  CHECK(dup2(port, 3) == 3);
  closefrom(4);
  works(3);
}

/* Both stay; the new image uses one and closes it. */
static void keep_both(void *unused) {
  (void)unused;
  const int port = made();
  CHECK(dup2(port, kElsewhere) == kElsewhere);
  after_exec("--both", port);
}

static void stage_both(int port) {
  check_works(port);
  CHECK(close(port) == 0);
  check_works(kElsewhere);
}

static void kept_both(void) { in_child(keep_both); }
static void kept_first(void) { in_child(keep_first); }
static void kept_dup(void) { in_child(keep_dup); }
static void kept_dup2(void) { in_child(keep_dup2); }
static void kept_dupfd(void) { in_child(keep_dupfd); }
static void kept_outside_range(void) { in_child(keep_outside_range); }
static void kept_named(void) { in_child(keep_named); }
static void kept_renamed(void) { in_child(keep_renamed); }
static void kept_unseen(void) { in_child(keep_unseen); }
static void kept_third(void) { in_child(keep_third); }
static void kept_undone(void) { in_child(keep_undone); }

/* --- from processes of other kinds --- */

static void *fork_and_exec(void *port) {
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) works(*(int *)port);
  check_child(pid);
  return NULL;
}

static void from_thread_body(void *unused) {
  (void)unused;
  struct sleeper sleeper;
  pthread_t thread;
  int port = made();
  const int other = made();
  sleeper_start(&sleeper, other);
  CHECK(pthread_create(&thread, NULL, fork_and_exec, &port) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  check_works(port);
  CHECK(port_send(other, 5, NULL) == 0);
  sleeper_check_got(&sleeper, 5);
}

static void from_thread(void) { in_child(from_thread_body); }

/* The process that made the port has ended behind the library's back, in daemon(). */
static void daemon_body(void *report) {
  port_event_t event;
  const struct timespec zero = {0, 0};
  int ends[2];
  const int port = made();
  CHECK(pipe(ends) == 0);
  CHECK(port_associate(port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, NULL) == 0);
  CHECK(daemon(1, 1) == 0);
  alarm(20);
  write_byte(ends[1]);
  CHECK_FAILS(port_get(port, &event, &zero), ETIME);
  CHECK_FAILS(port_dissociate(port, PORT_SOURCE_FD, (uintptr_t)ends[0]), ENOENT);
  check_works(port);
  write_byte(*(int *)report);
}

static void by_daemon(void) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  check_child(start_child(daemon_body, &ends[1]));
  close(ends[1]);
  read_byte(ends[0]);
  close(ends[0]);
}

/* --- stages --- */

static int run_stage(const char *stage, int number) {
  if (strcmp(stage, "--nothing") == 0)
    check_nothing_of_ports();
  else if (strcmp(stage, "--works") == 0)
    check_works(number);
  else if (strcmp(stage, "--marks") == 0)
    stage_marks(number);
  else if (strcmp(stage, "--both") == 0)
    stage_both(number);
  else if (strcmp(stage, "--first") == 0)
    stage_first(number);
  else if (strcmp(stage, "--second") == 0)
    stage_second(number);
  else
    return 2;
  return 0;
}

int main(int argc, char **argv) {
  static const struct test_case cases[] = {{"chain", chain},
                                           {"cloexec_fcntl", cloexec_fcntl},
                                           {"cloexec_fcntl64", cloexec_fcntl64},
                                           {"cloexec_ioctl", cloexec_ioctl},
                                           {"cloexec_close_range", cloexec_close_range},
                                           {"cloexec_dup3", cloexec_dup3},
                                           {"cloexec_dupfd", cloexec_dupfd},
                                           {"cloexec_replaced", cloexec_replaced},
                                           {"cloexec_next", cloexec_next},
                                           {"cloexec_alone", cloexec_alone},
                                           {"cloexec_slept", cloexec_slept},
                                           {"kept_both", kept_both},
                                           {"kept_first", kept_first},
                                           {"kept_dup", kept_dup},
                                           {"kept_dup2", kept_dup2},
                                           {"kept_dupfd", kept_dupfd},
                                           {"kept_outside_range", kept_outside_range},
                                           {"kept_named", kept_named},
                                           {"kept_renamed", kept_renamed},
                                           {"kept_unseen", kept_unseen},
                                           {"kept_third", kept_third},
                                           {"kept_undone", kept_undone},
                                           {"from_thread", from_thread},
                                           {"by_daemon", by_daemon},
                                           {NULL, NULL}};
  if (argc == 3) return run_stage(argv[1], atoi(argv[2]));
  return run_case(cases, argc, argv);
}
