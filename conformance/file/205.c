/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(205, 2,
          "the bits of an event that an association replaced do not return in the next event") {
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  write_file("file");
  CHECK_QUEUED(port, 1);
  object = object_of("file");
  WATCH(port, &object, FILE_ACCESS, COOKIE(2));
  CHECK_EMPTY(port);
  read_file("file");
  CHECK_ONE_FILE(port, &object, FILE_ACCESS, COOKIE(2));
  CLOSE(port);
  leave_folder();
}
