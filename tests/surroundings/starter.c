/* SPDX-License-Identifier: MIT */
/*
 * Starts hundreds of programs by vfork and posix_spawn from several threads, with file actions
 * that close and duplicate. It has a port if there are any, of which the programs see nothing.
 */
#include <spawn.h>

#include "tests/interpose/support.h"

#pragma weak port_create

enum { kThreads = 4, kRounds = 40 };

extern char **environ;

static void spawn_one(int fd) {
  char *const arguments[] = {"sh", "-c", "test -e /proc/self/fd/50 && ! test -e /proc/self/fd/51",
                             NULL};
  posix_spawn_file_actions_t actions;
  pid_t pid;
  CHECK(posix_spawn_file_actions_init(&actions) == 0);
  CHECK(posix_spawn_file_actions_adddup2(&actions, fd, 50) == 0);
  CHECK(posix_spawn_file_actions_adddup2(&actions, fd, 51) == 0);
  CHECK(posix_spawn_file_actions_addclose(&actions, 51) == 0);
  CHECK(posix_spawnp(&pid, "sh", &actions, NULL, arguments, environ) == 0);
  CHECK(posix_spawn_file_actions_destroy(&actions) == 0);
  check_child(pid);
}

/* The child runs in the parent's memory until it executes. */
static void vfork_one(int fd) {
  const pid_t pid = vfork();
  CHECK(pid >= 0);
  if (pid == 0) {
    close(fd);
    dup2(0, fd);
    execl("/bin/true", "true", (char *)NULL);
    _exit(2);
  }
  check_child(pid);
}

static void *body(void *unused) {
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  CHECK(fd >= 0);
  for (int i = 0; i < kRounds; ++i) {
    spawn_one(fd);
    vfork_one(fd);
    CHECK(is_file(fd, "/dev/null"));
  }
  CHECK(close(fd) == 0);
  return unused;
}

int main(void) {
  pthread_t threads[kThreads];
  alarm(40);
  const int port = port_create ? port_create() : -1;
  if (port >= 0) CHECK(fcntl(port, F_SETFD, FD_CLOEXEC) == 0);
  for (int i = 0; i < kThreads; ++i) CHECK(pthread_create(&threads[i], NULL, body, NULL) == 0);
  for (int i = 0; i < kThreads; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
  if (port >= 0) {
    check_works(port);
    CHECK(close(port) == 0);
  }
  puts("EXIT-SUCCESS");
  return 0;
}
