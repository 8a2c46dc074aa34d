/* SPDX-License-Identifier: MIT */
#include "conformance/scene.h"

static void child_body(struct peer *parent, void *arg) {
  const struct scene *scene = arg;
  ASSOCIATE(scene->port, scene->a.r, POLLIN, COOKIE(11));
  CHECK_FAILS(DISSOCIATE(scene->port, scene->a.r), EACCES);
  /* The owner of a retrieved event's entry stays, too. */
  CHECK_NEXT_FD(scene->port, scene->b.r, POLLIN, COOKIE(2));
  ASSOCIATE(scene->port, scene->b.r, POLLIN, COOKIE(12));
  CHECK_FAILS(DISSOCIATE(scene->port, scene->b.r), EACCES);
  peer_step(parent, 'a');
}

ASSERTION(290, 1,
          "after a child associated its parent's descriptor anew, the parent is still the owner") {
  struct scene scene = new_scene();
  struct peer child;
  ASSOCIATE(scene.port, scene.a.r, POLLIN, COOKIE(1));
  ASSOCIATE(scene.port, scene.b.r, POLLIN, COOKIE(2));
  put(scene.b.w);
  child_start(&child, child_body, &scene);
  peer_await(&child, 'a');
  CHECK_OK(DISSOCIATE(scene.port, scene.a.r));
  CHECK_OK(DISSOCIATE(scene.port, scene.b.r));
  put(scene.a.w);
  CHECK_EMPTY(scene.port);
  peer_tell(&child, 'a');
  child_join(&child);
  scene_close(&scene);
}
