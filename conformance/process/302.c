/* SPDX-License-Identifier: MIT */
#include "conformance/scene.h"

/* arg: the port; two pipes. */
INNER(process_302) {
  CHECK_NEXT_FD(arg[0], arg[3], POLLIN, COOKIE(2));
  CHECK_EMPTY(arg[0]);
  put(arg[2]);
  CHECK_NEXT_FD(arg[0], arg[1], POLLIN, COOKIE(1));
  CHECK_EMPTY(arg[0]);
  (void)parent;
}

static void child_body(struct peer *parent, void *arg) {
  const struct scene *scene = arg;
  ASSOCIATE(scene->port, scene->a.r, POLLIN, COOKIE(1));
  ASSOCIATE(scene->port, scene->b.r, POLLIN, COOKIE(2));
  put(scene->b.w);
  CHECK_QUEUED(scene->port, 1);
  exec_inner(parent, "process_302", 4, scene->port, scene->a.r, scene->a.w, scene->b.r);
}

ASSERTION(
    302, 2,
    "an association survives exec with its port and descriptor; the user value is unchanged") {
  struct scene scene = new_scene();
  struct peer child;
  child_start(&child, child_body, &scene);
  child_join(&child);
  scene_close(&scene);
}
