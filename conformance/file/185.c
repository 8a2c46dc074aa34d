/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(185, 1, "a file associated with its current stamps gives no event by itself") {
  enter_folder();
  CHECK_SEQUENCE("t", 0);
  CHECK_SEQUENCE("a", 0);

  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  CHECK_EMPTY(port);
  WATCH(port, &object, FILE_ACCESS | FILE_MODIFIED | FILE_ATTRIB | FILE_TRUNC, COOKIE(2));
  CHECK_EMPTY(port);
  make_file("other");
  write_file("other");
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
