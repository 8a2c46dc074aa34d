/* SPDX-License-Identifier: MIT */
#include "conformance/scene.h"

struct plan {
  struct scene scene;
  bool child_knows; /* the child has used the port before the parent closes it */
};

static void child_body(struct peer *parent, void *arg) {
  const struct scene *scene = arg;
  peer_step(parent, 'a');
  CHECK_NEXT_USER(scene->port, 3, COOKIE(3));
  CHECK_EMPTY(scene->port);
  put(scene->a.w);
  CHECK_EMPTY(scene->port);
  ASSOCIATE(scene->port, scene->a.r, POLLIN, COOKIE(4));
  CHECK_NEXT_FD(scene->port, scene->a.r, POLLIN, COOKIE(4));
}

static void owner_closes_port(bool child_knows) {
  struct plan plan = {new_scene(), child_knows};
  const struct scene *scene = &plan.scene;
  struct peer child;
  ASSOCIATE(scene->port, scene->a.r, POLLIN, COOKIE(1));
  ASSOCIATE(scene->port, scene->b.r, POLLIN, COOKIE(2));
  put(scene->b.w);
  CHECK_QUEUED(scene->port, 1);
  SEND(scene->port, 3, COOKIE(3));
  child_start(&child, child_body, &plan);
  peer_await(&child, 'a');
  CLOSE(scene->port);
  peer_tell(&child, 'a');
  child_join(&child);
  CLOSE(scene->a.r, scene->a.w, scene->b.r, scene->b.w);
}

ASSERTION(299, 1,
          "when the owner closes the port, its associations and their queued events vanish; the "
          "port works on in others") {
  owner_closes_port(true);
  owner_closes_port(false);
}
