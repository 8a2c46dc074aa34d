/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(196, 2, "bits that were not asked for are not reported") {
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_ATTRIB, COOKIE(1));
  write_file("file");
  CHECK_ONE_FILE(port, &object, FILE_ATTRIB, COOKIE(1));

  object = object_of("file");
  WATCH(port, &object, FILE_ACCESS, COOKIE(2));
  write_file("file");
  set_mode("file", 0600);
  CHECK_EMPTY(port);
  read_file("file"); /* still watched */
  CHECK_ONE_FILE(port, &object, FILE_ACCESS, COOKIE(2));

  object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(3));
  read_file("file");
  set_mode("file", 0640);
  CHECK_EMPTY(port);
  write_file("file");
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(3));

  object = object_of("file");
  WATCH(port, &object, FILE_TRUNC, COOKIE(4));
  write_file("file");
  set_mode("file", 0600);
  read_file("file");
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
