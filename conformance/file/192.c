/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(192, 2, "when several stamps are old, one event has the bits of all of them") {
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  object.fo_mtime.tv_sec--;
  object.fo_ctime.tv_sec--;
  WATCH(port, &object, FILE_MODIFIED | FILE_ATTRIB, COOKIE(1));
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED | FILE_ATTRIB, COOKIE(1));

  object.fo_atime.tv_sec--;
  WATCH(port, &object, FILE_ACCESS | FILE_MODIFIED | FILE_ATTRIB | FILE_TRUNC, COOKIE(2));
  CHECK_ONE_FILE(port, &object, FILE_ACCESS | FILE_MODIFIED | FILE_ATTRIB, COOKIE(2));
  CLOSE(port);
  leave_folder();
}
