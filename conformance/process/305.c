/* SPDX-License-Identifier: MIT */
#include <spawn.h>
#include <sys/wait.h>

#include "conformance/scene.h"

extern char **environ;

static char *const shell[] = {"sh", "-c", "exit 3", NULL};

static void wait_for(pid_t pid, int status) {
  int seen;
  SETUP(waitpid(pid, &seen, 0));
  CHECK(WIFEXITED(seen));
  CHECK_INT(WEXITSTATUS(seen), status);
}

static void vfork_exec(const char *path, int status) {
  pid_t pid = vfork();
  if (pid == 0) {
    execve(path, shell, environ);
    _exit(4);
  }
  SETUP(pid);
  wait_for(pid, status);
}

/* The child loses the port and one associated descriptor on its way, and keeps the other. */
static void spawn_without(const struct scene *scene) {
  posix_spawn_file_actions_t actions;
  pid_t pid;
  SETUP_PTHREAD(posix_spawn_file_actions_init(&actions));
  SETUP_PTHREAD(posix_spawn_file_actions_addclose(&actions, scene->port));
  SETUP_PTHREAD(posix_spawn_file_actions_adddup2(&actions, scene->a.w, scene->a.r));
  SETUP_PTHREAD(posix_spawn(&pid, "/bin/sh", &actions, NULL, shell, environ));
  SETUP_PTHREAD(posix_spawn_file_actions_destroy(&actions));
  wait_for(pid, 3);
}

static void check_undisturbed(const struct scene *scene, int round) {
  CHECK_QUEUED(scene->port, 2);
  CHECK_NEXT_USER(scene->port, round, COOKIE(round));
  CHECK_NEXT_FD(scene->port, scene->b.r, POLLIN, COOKIE(2));
  put(scene->a.w);
  CHECK_NEXT_FD(scene->port, scene->a.r, POLLIN, COOKIE(1));
  take(scene->a.r);
  CHECK_EMPTY(scene->port);
}

static void prepare(const struct scene *scene, int round) {
  ASSOCIATE(scene->port, scene->a.r, POLLIN, COOKIE(1));
  SEND(scene->port, round, COOKIE(round));
  ASSOCIATE(scene->port, scene->b.r, POLLIN, COOKIE(2));
  CHECK_QUEUED(scene->port, 2);
}

ASSERTION(305, 2,
          "children of vfork and posix_spawn, that execute or fail to, do not disturb the parent's "
          "associations") {
  struct scene scene = new_scene();
  put(scene.b.w);
  prepare(&scene, 1);
  vfork_exec("/bin/sh", 3);
  check_undisturbed(&scene, 1);
  prepare(&scene, 2);
  vfork_exec("/dev/null/none", 4);
  check_undisturbed(&scene, 2);
  prepare(&scene, 3);
  spawn_without(&scene);
  check_undisturbed(&scene, 3);
  scene_close(&scene);
}
