/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(191, 1, "an old ctime gives FILE_ATTRIB at once, an old atime FILE_ACCESS") {
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  object.fo_ctime.tv_sec--;
  WATCH(port, &object, FILE_ATTRIB, COOKIE(1));
  CHECK_ONE_FILE(port, &object, FILE_ATTRIB, COOKIE(1));

  object = object_of("file");
  set_times("file", object.fo_atime.tv_sec + 1, UNCHANGED);
  WATCH(port, &object, FILE_ACCESS, COOKIE(2));
  CHECK_ONE_FILE(port, &object, FILE_ACCESS, COOKIE(2));

  /* Which stamp differs decides, not which events are asked for. */
  object = object_of("file");
  object.fo_atime.tv_sec--;
  WATCH(port, &object, FILE_ACCESS | FILE_MODIFIED | FILE_ATTRIB | FILE_TRUNC, COOKIE(3));
  CHECK_ONE_FILE(port, &object, FILE_ACCESS, COOKIE(3));
  CLOSE(port);
  leave_folder();
}
