/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(222, 1, "with FILE_NOFOLLOW a symbolic link itself is watched, and not its target") {
  enter_folder();
  int port = new_port();
  make_file("target");
  link_symbolic("target", "link");
  file_obj_t object = object_of_link("link");
  WATCH(port, &object, FILE_MODIFIED | FILE_ATTRIB | FILE_NOFOLLOW, COOKIE(1));
  CHECK_EMPTY(port); /* the stamps that count are the link's */
  write_file("target");
  set_mode("target", 0600);
  CHECK_EMPTY(port);
  remove_file("link");
  CHECK_ONE_FILE(port, &object, FILE_DELETE, COOKIE(1));

  link_symbolic("nowhere", "link");
  object = object_of_link("link");
  WATCH(port, &object, FILE_NOFOLLOW, COOKIE(2));
  rename_file("link", "moved");
  CHECK_ONE_FILE(port, &object, FILE_RENAME_FROM, COOKIE(2));

  /* It makes no difference to other files. */
  object = object_of_link("target");
  WATCH(port, &object, FILE_MODIFIED | FILE_NOFOLLOW, COOKIE(3));
  write_file("target");
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(3));
  CLOSE(port);
  leave_folder();
}
