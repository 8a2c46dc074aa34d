// SPDX-License-Identifier: MIT
//
// Children: forked, replaced by illumos and by Linux programs, and killed.
#include "check.h"

static char* const environment[] = {"GUEST=child", NULL};

static int wait_for(pid_t child) {
  int status = -1;
  return waitpid(child, &status, 0) == child ? status : -1;
}

static int run(const char* path, char* const words[]) {
  const pid_t child = fork();
  if (child == 0) {
    execve(path, words, environment);
    _exit(99);
  }
  return wait_for(child);
}

static void killed(void) {
  const pid_t child = fork();
  if (child == 0) {
    raise(SIGUSR1);
    _exit(0);
  }
  const int status = wait_for(child);
  CHECK("killed", WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
}

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "child") == 0)
    return strcmp(getenv("GUEST"), "child") == 0 && strcmp(argv[0], "renamed") == 0 ? 43 : 44;
  int ends[2];
  char byte = 0;
  pipe(ends);
  const pid_t parent = getpid(), child = fork();
  if (child == 0) {
    write(ends[1], getppid() == parent ? "y" : "n", 1);
    _exit(42);
  }
  CHECK("parent", read(ends[0], &byte, 1) == 1 && byte == 'y');
  CHECK("exit-status", WEXITSTATUS(wait_for(child)) == 42);
  CHECK("no-child", waitpid(-1, NULL, 0) == -1 && errno == ECHILD);
  killed();
  CHECK("exec-linux", WEXITSTATUS(run("/bin/sh", (char*[]){"sh", "-c", "exit 7", NULL})) == 7);
  CHECK("exec-illumos",
        WEXITSTATUS(run(getexecname(), (char*[]){"renamed", "child", NULL})) == 43);
  CHECK("exec-none", WEXITSTATUS(run("/does/not/exist", (char*[]){"x", NULL})) == 99);
  return check_status();
}
