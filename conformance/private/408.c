/* SPDX-License-Identifier: MIT */
#include <spawn.h>
#include <sys/wait.h>

#include "conformance/privates.h"

extern char **environ;

static char *const shell[] = {"sh", "-c", "exit 3", NULL};

static void wait_for(pid_t pid) {
  int status;
  SETUP(waitpid(pid, &status, 0));
  CHECK(WIFEXITED(status));
  CHECK_INT(WEXITSTATUS(status), 3);
}

static void spawn(void) {
  pid_t pid;
  SETUP_PTHREAD(posix_spawn(&pid, "/bin/sh", NULL, NULL, shell, environ));
  wait_for(pid);
}

static void vfork_and_exec(void) {
  pid_t pid = vfork();
  if (pid == 0) {
    execve("/bin/sh", shell, environ);
    _exit(4);
  }
  SETUP(pid);
  wait_for(pid);
}

static void fork_and_exit(void) {
  struct peer child;
  if (SETUP(child.pid = fork()) == 0) _exit(3);
  wait_for(child.pid);
}

ASSERTION(408, 1, "children that end or execute do not disturb their parent's private sources") {
  static void (*const disturb[])(void) = {spawn, vfork_and_exec, fork_and_exit};
  int port = new_port();
  for (size_t i = 0; i < sizeof disturb / sizeof disturb[0]; i++) {
    struct privates fired, pending;
    privates_start(&fired, port);
    privates_start(&pending, port);
    privates_fire(&fired);
    disturb[i]();
    privates_fire(&pending);
    check_privates(&fired);
    check_privates(&pending);
    CHECK_EMPTY(port);
    privates_end(&fired);
    privates_end(&pending);
  }
  CLOSE(port);
}
