/* SPDX-License-Identifier: MIT */
#include "conformance/scene.h"

static void child_body(struct peer *parent, void *arg) {
  const struct scene *scene = arg;
  CHECK_FAILS(DISSOCIATE(scene->port, scene->a.r), EACCES);
  CHECK_FAILS(DISSOCIATE(scene->port, scene->b.r), EACCES);
  (void)parent;
}

ASSERTION(289, 1,
          "a child cannot dissociate what its parent associated (EACCES); the association works "
          "on") {
  struct scene scene = new_scene();
  struct peer child;
  ASSOCIATE(scene.port, scene.a.r, POLLIN, COOKIE(1));
  ASSOCIATE(scene.port, scene.b.r, POLLIN, COOKIE(2));
  put(scene.b.w);
  CHECK_QUEUED(scene.port, 1);
  child_start(&child, child_body, &scene);
  child_join(&child);
  CHECK_NEXT_FD(scene.port, scene.b.r, POLLIN, COOKIE(2));
  put(scene.a.w);
  CHECK_NEXT_FD(scene.port, scene.a.r, POLLIN, COOKIE(1));
  CHECK_EMPTY(scene.port);
  scene_close(&scene);
}
