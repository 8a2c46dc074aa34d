/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

/* The event comes from the reading: whether the stamp moves is up to how the disk is mounted. */
ASSERTION(194, 1, "reading gives FILE_ACCESS, whether the file's atime moves or not") {
  enter_folder();
  int port = new_port();
  make_file("file");
  for (int i = 0; i < 3; i++) {
    file_obj_t object = object_of("file");
    WATCH(port, &object, FILE_ACCESS, COOKIE(i));
    CHECK_EMPTY(port);
    read_file("file");
    CHECK_ONE_FILE(port, &object, FILE_ACCESS, COOKIE(i));
  }
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_ACCESS | FILE_MODIFIED | FILE_ATTRIB | FILE_TRUNC, COOKIE(194));
  read_file("file");
  CHECK_ONE_FILE(port, &object, FILE_ACCESS, COOKIE(194));
  CLOSE(port);
  leave_folder();
}
