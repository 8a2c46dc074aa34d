/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"
#include "conformance/mounts.h"

static void check_unmounted(int port) {
  mount_memory("dir");
  make_file("dir/file");
  file_obj_t file = object_of("dir/file"), root = object_of("dir");
  WATCH(port, &file, FILE_MODIFIED | FILE_ATTRIB, COOKIE(1));
  WATCH(port, &root, 0, COOKIE(2));
  CHECK_EMPTY(port);
  unmount("dir");
  CHECK_QUEUED(port, 2);
  for (int i = 0; i < 2; i++) {
    port_event_t event = NEXT(port);
    if (event.portev_user == COOKIE(1))
      CHECK_FILE_EVENT(event, &file, UNMOUNTED, COOKIE(1));
    else
      CHECK_FILE_EVENT(event, &root, UNMOUNTED, COOKIE(2));
    CHECK_FAILS(UNWATCH(port, event.portev_object), ENOENT);
  }
  CHECK_EMPTY(port);
}

static void check_mounted_over(int port) {
  file_obj_t object = object_of("dir");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(3));
  CHECK_EMPTY(port);
  mount_memory("dir");
  if (queued(port) == 0) { /* nothing on Linux tells of it */
    deviation("file-mountedover");
    CHECK_INT(UNWATCH(port, &object), 0);
  } else {
    CHECK_ONE_FILE(port, &object, MOUNTEDOVER, COOKIE(3));
    CHECK_FAILS(UNWATCH(port, &object), ENOENT);
  }
  unmount("dir");
  CHECK_EMPTY(port);
}

static void child_body(struct peer *parent, void *arg) {
  (void)parent, (void)arg;
  enter_mounts();
  enter_folder();
  make_dir("dir");
  int port = new_port();
  check_unmounted(port);
  check_mounted_over(port);
  CLOSE(port);
  leave_folder();
}

ASSERTION(237, 3, "unmounting gives UNMOUNTED, mounting over a watched directory MOUNTEDOVER") {
  struct peer child;
  child_start(&child, child_body, NULL);
  child_join(&child);
}
