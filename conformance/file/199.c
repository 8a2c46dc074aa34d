/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(199, 1, "an association gives one event, however often the file changes") {
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_ACCESS | FILE_MODIFIED, COOKIE(1));
  write_file("file");
  write_file("file");
  read_file("file");
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(1));
  write_file("file");
  read_file("file");
  CHECK_EMPTY(port);

  object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(2));
  CHECK_EMPTY(port);
  write_file("file");
  CHECK_QUEUED(port, 1);
  write_file("file");
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(2));
  CLOSE(port);
  leave_folder();
}
