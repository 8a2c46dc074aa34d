/* SPDX-License-Identifier: MIT */
#include "conformance/scene.h"

static void child_body(struct peer *parent, void *arg) {
  const struct scene *scene = arg;
  CLOSE(scene->a.r, scene->b.r);
  peer_step(parent, 'a');
}

ASSERTION(296, 1,
          "a child that closes its copy of an associated descriptor leaves the parent's "
          "association alone") {
  struct scene scene = new_scene();
  struct peer child;
  ASSOCIATE(scene.port, scene.a.r, POLLIN, COOKIE(1));
  ASSOCIATE(scene.port, scene.b.r, POLLIN, COOKIE(2));
  put(scene.b.w);
  CHECK_QUEUED(scene.port, 1);
  child_start(&child, child_body, &scene);
  peer_await(&child, 'a');
  CHECK_NEXT_FD(scene.port, scene.b.r, POLLIN, COOKIE(2));
  CHECK_EMPTY(scene.port);
  put(scene.a.w);
  CHECK_NEXT_FD(scene.port, scene.a.r, POLLIN, COOKIE(1));
  CHECK_EMPTY(scene.port);
  peer_tell(&child, 'a');
  child_join(&child);
  scene_close(&scene);
}
