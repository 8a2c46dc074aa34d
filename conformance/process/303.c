/* SPDX-License-Identifier: MIT */
#include "conformance/scene.h"

/* arg: the port; the writing ends of two pipes, and a third pipe. */
INNER(process_303) {
  CHECK_EMPTY(arg[0]);
  put(arg[1]);
  put(arg[2]);
  CHECK_EMPTY(arg[0]);
  put(arg[4]);
  CHECK_NEXT_FD(arg[0], arg[3], POLLIN, COOKIE(3));
  CHECK_EMPTY(arg[0]);
  (void)parent;
}

static void child_body(struct peer *parent, void *arg) {
  const struct scene *scene = arg;
  struct ends kept = new_pipe();
  ASSOCIATE(scene->port, scene->a.r, POLLIN, COOKIE(1));
  ASSOCIATE(scene->port, scene->b.r, POLLIN, COOKIE(2));
  ASSOCIATE(scene->port, kept.r, POLLIN, COOKIE(3));
  put(scene->b.w);
  CHECK_QUEUED(scene->port, 1);
  SETUP(fcntl(scene->a.r, F_SETFD, FD_CLOEXEC));
  SETUP(fcntl(scene->b.r, F_SETFD, FD_CLOEXEC));
  exec_inner(parent, "process_303", 5, scene->port, scene->a.w, scene->b.w, kept.r, kept.w);
}

/* The parent holds the pipes, too: it is the number that goes, not the file. */
ASSERTION(303, 2,
          "the association of a descriptor that is closed on exec is gone in the new image") {
  struct scene scene = new_scene();
  struct peer child;
  child_start(&child, child_body, &scene);
  child_join(&child);
  CHECK_EMPTY(scene.port);
  scene_close(&scene);
}
