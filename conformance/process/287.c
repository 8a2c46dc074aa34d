/* SPDX-License-Identifier: MIT */
#include "conformance/scene.h"

static void child_body(struct peer *parent, void *arg) {
  const struct scene *scene = arg;
  CHECK_NEXT_FD(scene->port, scene->a.r, POLLIN, COOKIE(1));
  peer_step(parent, 'a');
  CHECK_NEXT_FD(scene->port, scene->b.r, POLLIN, COOKIE(2));
  CHECK_EMPTY(scene->port);
}

ASSERTION(287, 1, "a child retrieves events of descriptors its parent associated before fork") {
  struct scene scene = new_scene();
  struct peer child;
  ASSOCIATE(scene.port, scene.a.r, POLLIN, COOKIE(1));
  ASSOCIATE(scene.port, scene.b.r, POLLIN, COOKIE(2));
  put(scene.a.w);
  CHECK_QUEUED(scene.port, 1);
  child_start(&child, child_body, &scene);
  peer_await(&child, 'a');
  put(scene.b.w); /* fires after the fork */
  peer_tell(&child, 'a');
  child_join(&child);
  CHECK_EMPTY(scene.port);
  scene_close(&scene);
}
