/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

enum { kAll = FILE_ACCESS | FILE_MODIFIED | FILE_ATTRIB | FILE_TRUNC };

ASSERTION(189, 1, "without stamps nothing is compared: there is no event before a change") {
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = object_without_stamps("file");
  for (int i = 0; i < 3; i++) {
    WATCH(port, &object, kAll, COOKIE(i));
    CHECK_EMPTY(port);
    write_file("file");
    CHECK_ONE_FILE(port, &object, FILE_MODIFIED | FILE_ATTRIB, COOKIE(i));
  }
  CLOSE(port);
  leave_folder();
}
