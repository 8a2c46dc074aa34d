/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(221, 1, "a symbolic link is followed: its target is watched, and not the link") {
  enter_folder();
  int port = new_port();
  make_dir("dir");
  make_file("dir/target");
  link_symbolic("dir/target", "link");
  file_obj_t object = object_of("link");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  CHECK_EMPTY(port);
  write_file("dir/target");
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(1));

  object = object_of("link");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(2));
  remove_file("link");
  CHECK_EMPTY(port);
  write_file("dir/target"); /* the association does not need the link any more */
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(2));

  link_symbolic("dir/target", "link");
  object = object_of("link");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(3));
  remove_file("dir/target");
  CHECK_ONE_FILE(port, &object, FILE_DELETE, COOKIE(3));
  CLOSE(port);
  leave_folder();
}
