/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(202, 1,
          "associating again with the old stamps, after a change, leaves one event, with the new "
          "user") {
  enter_folder();
  CHECK_SEQUENCE("ata", 2);
  CHECK_SEQUENCE("atata", 3);

  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  write_file("file");
  CHECK_QUEUED(port, 1);
  WATCH(port, &object, FILE_MODIFIED, COOKIE(2));
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(2));

  /* With fresh stamps there is nothing to report. */
  object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(3));
  write_file("file");
  CHECK_QUEUED(port, 1);
  object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(4));
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
