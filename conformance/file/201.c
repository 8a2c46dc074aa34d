/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(201, 1, "associating again replaces user, events and the file behind the name") {
  enter_folder();
  CHECK_SEQUENCE("aat", 2);
  CHECK_SEQUENCE("aaat", 3);

  int port = new_port();
  make_file("file");
  make_file("other");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  WATCH(port, &object, FILE_ATTRIB, COOKIE(2));
  set_mode("file", 0600);
  CHECK_ONE_FILE(port, &object, FILE_ATTRIB, COOKIE(2));

  object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(3));
  object = object_of("other");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(4));
  write_file("file");
  CHECK_EMPTY(port);
  write_file("other");
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(4));
  CLOSE(port);
  leave_folder();
}
