/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

/* Renames a new file over the watched one. */
static void check_overwritten(int port, void *user) {
  file_obj_t object = object_of("file");
  make_file("new");
  WATCH(port, &object, FILE_MODIFIED, user);
  rename_file("new", "file");
  CHECK_ONE_FILE(port, &object, FILE_RENAME_TO, user);
  write_file("file"); /* that is another file */
  CHECK_EMPTY(port);
}

ASSERTION(209, 1,
          "renaming another file over a watched one gives FILE_RENAME_TO, and no other event") {
  enter_folder();
  int port = new_port();
  make_file("file");
  check_overwritten(port, COOKIE(1));

  int fd = SETUP(open("file", O_RDWR));
  check_overwritten(port, COOKIE(2));
  CLOSE(fd);
  CHECK_EMPTY(port);

  link_file("file", "second");
  check_overwritten(port, COOKIE(3));
  CLOSE(port);
  leave_folder();
}
