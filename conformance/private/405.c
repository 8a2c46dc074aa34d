/* SPDX-License-Identifier: MIT */
#include <sys/wait.h>

#include "conformance/privates.h"

/* It leaves three events behind, and three things that could still fire. */
static void owner_body(struct peer *parent, void *arg) {
  static struct privates fired, pending;
  int port = *(const int *)arg;
  privates_start(&fired, port);
  privates_start(&pending, port);
  privates_fire(&fired);
  ARM(pending.timer, 20, 5);
  SEND(port, 1, COOKIE(1));
  peer_step(parent, 'a');
}

static void kill_child(struct peer *child) {
  int status;
  SETUP(kill(child->pid, SIGKILL));
  SETUP(waitpid(child->pid, &status, 0));
  CHECK(WIFSIGNALED(status));
  CLOSE(child->in, child->out);
}

/* Only the user event is left, and the port works, for private events of this process, too. */
static void check_usable(int port) {
  struct privates privates;
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CHECK_SILENT(port);
  privates_start(&privates, port);
  privates_fire(&privates);
  check_privates(&privates);
  privates_end(&privates);
  CHECK_EMPTY(port);
}

ASSERTION(405, 1,
          "when a process exits or is killed, its private events vanish; the port works on in "
          "others") {
  int port = new_port();
  struct peer child;
  child_start(&child, owner_body, &port);
  peer_await(&child, 'a');
  CHECK(queued(port) >= 4);
  peer_tell(&child, 'a');
  child_join(&child);
  check_usable(port);

  child_start(&child, owner_body, &port);
  peer_await(&child, 'a');
  CHECK(queued(port) >= 4);
  kill_child(&child);
  check_usable(port);
  CLOSE(port);
}
