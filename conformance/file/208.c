/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

static void check_moved(int port, const char *from, const char *to) {
  file_obj_t object = object_of(from);
  WATCH(port, &object, FILE_MODIFIED, COOKIE(208));
  rename_file(from, to);
  CHECK_ONE_FILE(port, &object, FILE_RENAME_FROM, COOKIE(208));
  write_file(to); /* the association has ended */
  CHECK_EMPTY(port);
}

ASSERTION(208, 1, "renaming a watched file gives FILE_RENAME_FROM") {
  enter_folder();
  int port = new_port();
  make_dir("dir");
  make_file("file");
  check_moved(port, "file", "moved");
  check_moved(port, "moved", "dir/file");

  file_obj_t object = object_of("dir");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  rename_file("dir", "newdir");
  CHECK_ONE_FILE(port, &object, FILE_RENAME_FROM, COOKIE(1));
  CLOSE(port);
  leave_folder();
}
