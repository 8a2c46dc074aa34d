/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(200, 1,
          "associating again with fresh stamps awaits the next change, and no earlier one") {
  enter_folder();
  int port = new_port();
  make_file("file");
  for (int i = 0; i < 5; i++) {
    file_obj_t object = object_of("file");
    WATCH(port, &object, FILE_MODIFIED, COOKIE(i));
    CHECK_EMPTY(port);
    write_file("file");
    write_file("file");
    CHECK_NEXT_FILE(port, &object, FILE_MODIFIED, COOKIE(i));
    write_file("file"); /* no one has asked to hear of this one */
  }
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
