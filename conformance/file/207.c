/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(207, 1, "with no events asked for, changes give nothing and removal gives FILE_DELETE") {
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, 0, COOKIE(207));
  write_file("file");
  read_file("file");
  set_mode("file", 0600);
  CHECK_EMPTY(port);
  remove_file("file");
  CHECK_ONE_FILE(port, &object, FILE_DELETE, COOKIE(207));

  make_file("file");
  object = object_of("file");
  object.fo_mtime.tv_sec--;
  WATCH(port, &object, 0, COOKIE(1));
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
