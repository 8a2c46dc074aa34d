/* SPDX-License-Identifier: MIT */
#include "conformance/scene.h"

static void child_body(struct peer *parent, void *arg) {
  const struct scene *scene = arg;
  ASSOCIATE(scene->port, scene->a.r, POLLIN, COOKIE(1));
  ASSOCIATE(scene->port, scene->b.r, POLLIN, COOKIE(2));
  CHECK_QUEUED(scene->port, 1);
  peer_step(parent, 'a');
  CHECK_OK(DISSOCIATE(scene->port, scene->a.r));
  CHECK_OK(DISSOCIATE(scene->port, scene->b.r));
  CHECK_EMPTY(scene->port);
}

ASSERTION(291, 1,
          "a child that associates an inherited descriptor is its owner: the parent cannot "
          "dissociate it (EACCES)") {
  struct scene scene = new_scene();
  struct peer child;
  put(scene.b.w);
  child_start(&child, child_body, &scene);
  peer_await(&child, 'a');
  CHECK_FAILS(DISSOCIATE(scene.port, scene.a.r), EACCES);
  CHECK_FAILS(DISSOCIATE(scene.port, scene.b.r), EACCES);
  peer_tell(&child, 'a');
  child_join(&child);
  CHECK_EMPTY(scene.port);
  scene_close(&scene);
}
