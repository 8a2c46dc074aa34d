/* SPDX-License-Identifier: MIT */
#include <sys/wait.h>

#include "conformance/scene.h"

struct creator {
  struct scene scene;
  struct ends sockets;
};

/* This process creates the port, passes it on, owns two associations, and ends. */
static void creator_body(struct peer *parent, void *arg) {
  struct creator *creator = arg;
  struct scene *scene = &creator->scene;
  int port = new_port();
  send_fd(creator->sockets.w, port);
  ASSOCIATE(port, scene->a.r, POLLIN, COOKIE(1));
  ASSOCIATE(port, scene->b.r, POLLIN, COOKIE(2));
  put(scene->b.w);
  CHECK_QUEUED(port, 1);
  peer_step(parent, 'a');
}

/* The same with an inherited port. */
static void owner_body(struct peer *parent, void *arg) {
  const struct scene *scene = arg;
  ASSOCIATE(scene->port, scene->a.r, POLLIN, COOKIE(1));
  ASSOCIATE(scene->port, scene->b.r, POLLIN, COOKIE(2));
  CHECK_QUEUED(scene->port, 1);
  peer_step(parent, 'a');
}

static void kill_child(struct peer *child) {
  int status;
  SETUP(kill(child->pid, SIGKILL));
  SETUP(waitpid(child->pid, &status, 0));
  CHECK(WIFSIGNALED(status));
  CLOSE(child->in, child->out);
}

static void check_usable(int port, const struct scene *scene) {
  CHECK_EMPTY(port);
  put(scene->a.w);
  CHECK_EMPTY(port);
  SEND(port, 3, COOKIE(3));
  CHECK_NEXT_USER(port, 3, COOKIE(3));
  ASSOCIATE(port, scene->a.r, POLLIN, COOKIE(4));
  CHECK_NEXT_FD(port, scene->a.r, POLLIN, COOKIE(4));
  take(scene->a.r);
  CHECK_EMPTY(port);
  /* The next process to associate it shall be its owner. */
  CHECK_FAILS(DISSOCIATE(port, scene->a.r), ENOENT);
}

ASSERTION(298, 1,
          "when a process exits, its associations and their queued events vanish; the port works "
          "on in others") {
  struct creator creator = {new_scene(), new_socketpair()};
  struct scene *scene = &creator.scene;
  struct peer child;
  child_start(&child, creator_body, &creator);
  int port = receive_fd(creator.sockets.r);
  peer_await(&child, 'a');
  peer_tell(&child, 'a');
  child_join(&child);
  check_usable(port, scene);

  child_start(&child, owner_body, scene);
  peer_await(&child, 'a');
  CHECK_QUEUED(scene->port, 1);
  peer_tell(&child, 'a');
  child_join(&child);
  check_usable(scene->port, scene);

  child_start(&child, owner_body, scene);
  peer_await(&child, 'a');
  CHECK_QUEUED(scene->port, 1);
  kill_child(&child);
  check_usable(scene->port, scene);
  CLOSE(port, creator.sockets.r, creator.sockets.w);
  scene_close(scene);
}
