/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

struct watched {
  int port;
  file_obj_t object;
};

static void check_none(int port) {
  port_event_t event;
  uint_t count = 1;
  CHECK_OK(port_getn(port, &event, 1, &count, AT_ONCE));
  CHECK_INT(count, 0);
  CHECK_FAILS(port_get(port, &event, AT_ONCE), ETIME);
}

static void child_body(struct peer *parent, void *arg) {
  struct watched *watched = arg;
  peer_step(parent, 'a');
  check_none(watched->port); /* the parent has not looked yet */
  peer_step(parent, 'b');
  check_none(watched->port); /* now it has */
  /* A file object at the same address, but of this process. */
  watched->object = object_of("file");
  WATCH(watched->port, &watched->object, FILE_MODIFIED, COOKIE(2));
  write_file("file");
  CHECK_NEXT_FILE(watched->port, &watched->object, FILE_MODIFIED, COOKIE(2));
  check_none(watched->port);
  watched->object = object_of("file");
  WATCH(watched->port, &watched->object, FILE_MODIFIED, COOKIE(3));
  write_file("file"); /* a queued event goes with its process */
  peer_step(parent, 'c');
}

ASSERTION(235, 1, "only the process that associated a file retrieves its event, not even a child") {
  static struct watched watched;
  struct peer child;
  enter_folder();
  make_file("file");
  watched.port = new_port();
  watched.object = object_of("file");
  WATCH(watched.port, &watched.object, FILE_MODIFIED, COOKIE(1));
  child_start(&child, child_body, &watched);
  peer_await(&child, 'a');
  write_file("file");
  peer_tell(&child, 'a');
  peer_await(&child, 'b');
  CHECK_QUEUED(watched.port, 1);
  peer_tell(&child, 'b');
  peer_await(&child, 'c');
  CHECK_NEXT_FILE(watched.port, &watched.object, FILE_MODIFIED, COOKIE(1));
  check_none(watched.port);
  peer_tell(&child, 'c');
  child_join(&child);
  CHECK_EMPTY(watched.port);
  CLOSE(watched.port);
  leave_folder();
}
