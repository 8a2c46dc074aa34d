/* SPDX-License-Identifier: MIT */
/*
 * A process namespace that has the /proc of its parent's: the numbers there are other processes'.
 * Here, the one with the number of a living process that owns an event is a zombie.
 */
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>

#include "tests/interpose/support.h"

enum { kSeconds = 20 };

static const struct timespec kZero = {0, 0};

/* A child under this number in the namespace of the caller. */
static pid_t fork_as(pid_t number) {
  struct clone_args arguments = {0};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = (uintptr_t)&number;
  arguments.set_tid_size = 1;
  return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

/* Associates what is ready already, says so, and lives until it is told to end. */
static void own_an_event(int port, int go, int ready) {
  alarm(kSeconds);
  int ends[2];
  CHECK(pipe(ends) == 0);
  write_byte(ends[1]);
  CHECK(port_associate(port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, NULL) == 0);
  write_byte(ready);
  read_byte(go);
  CHECK(port_dissociate(port, PORT_SOURCE_FD, (uintptr_t)ends[0]) == 0);
  _exit(0);
}

static void look_at(pid_t zombie) {
  port_event_t events[2];
  int go[2], ready[2];
  uint_t queued = 1;
  CHECK(pipe(go) == 0 && pipe(ready) == 0);
  const int port = port_create();
  CHECK(port >= 0);
  const pid_t owner = fork_as(zombie);
  CHECK(owner >= 0);
  if (owner == 0) own_an_event(port, go[0], ready[1]);
  CHECK(owner == zombie);
  read_byte(ready[0]);
  /* An event of a descriptor that this process does not have stays in the queue. */
  CHECK_FAILS(port_get(port, events, &kZero), ETIME);
  CHECK(port_getn(port, events, 0, &queued, NULL) == 0 && queued == 1);
  write_byte(go[1]);
  check_child(owner);
}

int main(void) {
  alarm(kSeconds);
  const pid_t zombie = fork();
  CHECK(zombie >= 0);
  if (zombie == 0) _exit(0);
  siginfo_t info;
  CHECK(waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT) == 0);
  CHECK(unshare(CLONE_NEWPID) == 0);
  const pid_t first = fork();
  CHECK(first >= 0);
  if (first == 0) {
    look_at(zombie);
    _exit(0);
  }
  check_child(first);
  CHECK(waitpid(zombie, NULL, 0) == zombie);
  puts("EXIT-SUCCESS");
  return 0;
}
