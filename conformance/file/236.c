/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

struct watched {
  int port;
  file_obj_t object;
};

static void child_body(struct peer *parent, void *arg) {
  struct watched *watched = arg;
  (void)parent;
  CHECK_INT(UNWATCH(watched->port, &watched->object), -1);
  CHECK(errno == ENOENT || errno == EACCES);
  outcome(errno_name(errno));
}

ASSERTION(236, 3, "a child cannot dissociate its parent's file: ENOENT or EACCES") {
  static struct watched watched;
  struct peer child;
  enter_folder();
  make_file("file");
  watched.port = new_port();
  watched.object = object_of("file");
  WATCH(watched.port, &watched.object, FILE_MODIFIED, COOKIE(236));
  child_start(&child, child_body, &watched);
  child_join(&child);
  write_file("file");
  CHECK_ONE_FILE(watched.port, &watched.object, FILE_MODIFIED, COOKIE(236));
  CLOSE(watched.port);
  leave_folder();
}
