/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(188, 1, "a file object whose stamps are newer than the file's gives events, too") {
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  object.fo_mtime.tv_sec += 1000;
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(1));

  object = object_of("file");
  object.fo_mtime.tv_nsec++; /* set_past leaves 0 there */
  WATCH(port, &object, FILE_MODIFIED, COOKIE(2));
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(2));

  object = object_of("file");
  object.fo_ctime.tv_sec += 1000;
  WATCH(port, &object, FILE_ATTRIB, COOKIE(3));
  CHECK_ONE_FILE(port, &object, FILE_ATTRIB, COOKIE(3));

  object = object_of("file");
  object.fo_atime.tv_nsec++;
  WATCH(port, &object, FILE_ACCESS, COOKIE(4));
  CHECK_ONE_FILE(port, &object, FILE_ACCESS, COOKIE(4));
  CLOSE(port);
  leave_folder();
}
