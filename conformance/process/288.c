/* SPDX-License-Identifier: MIT */
#include "conformance/scene.h"

static void child_body(struct peer *parent, void *arg) {
  const struct scene *scene = arg;
  ASSOCIATE(scene->port, scene->a.r, POLLIN, COOKIE(11));
  ASSOCIATE(scene->port, scene->b.r, POLLIN | POLLRDNORM, COOKIE(12));
  CHECK_QUEUED(scene->port, 1);
  peer_step(parent, 'a');
}

ASSERTION(288, 1,
          "a child associates its parent's descriptors anew: events and user are replaced, and the "
          "parent can retrieve them") {
  struct scene scene = new_scene();
  struct peer child;
  ASSOCIATE(scene.port, scene.a.r, POLLRDNORM, COOKIE(1));
  ASSOCIATE(scene.port, scene.b.r, POLLIN, COOKIE(2));
  put(scene.b.w);
  CHECK_QUEUED(scene.port, 1);
  child_start(&child, child_body, &scene);
  peer_await(&child, 'a');
  CHECK_NEXT_FD(scene.port, scene.b.r, POLLIN | POLLRDNORM, COOKIE(12));
  put(scene.a.w);
  CHECK_NEXT_FD(scene.port, scene.a.r, POLLIN, COOKIE(11));
  CHECK_EMPTY(scene.port);
  peer_tell(&child, 'a');
  child_join(&child);
  scene_close(&scene);
}
