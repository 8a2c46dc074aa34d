/* SPDX-License-Identifier: MIT */
#include "conformance/scene.h"

static void child_body(struct peer *parent, void *arg) {
  const struct scene *scene = arg;
  peer_step(parent, 'a');
  CHECK_EMPTY(scene->port);
  put(scene->a.w);
  CHECK_EMPTY(scene->port);
  /* Nothing is left of them: the child becomes the owner. */
  ASSOCIATE(scene->port, scene->a.r, POLLIN, COOKIE(11));
  CHECK_NEXT_FD(scene->port, scene->a.r, POLLIN, COOKIE(11));
  ASSOCIATE(scene->port, scene->b.r, POLLIN, COOKIE(12));
  CHECK_OK(DISSOCIATE(scene->port, scene->b.r));
}

ASSERTION(297, 1,
          "when the owner closes a descriptor, a child that still has it gets no more events of "
          "it") {
  struct scene scene = new_scene();
  struct peer child;
  ASSOCIATE(scene.port, scene.a.r, POLLIN, COOKIE(1));
  ASSOCIATE(scene.port, scene.b.r, POLLIN, COOKIE(2));
  put(scene.b.w);
  CHECK_QUEUED(scene.port, 1);
  child_start(&child, child_body, &scene);
  peer_await(&child, 'a');
  CLOSE(scene.a.r, scene.b.r);
  peer_tell(&child, 'a');
  child_join(&child);
  CLOSE(scene.port, scene.a.w, scene.b.w);
}
