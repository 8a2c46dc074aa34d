/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(211, 1,
          "an exception ends the association: port_dissociate gives ENOENT, the file object can be "
          "used again") {
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  remove_file("file");
  CHECK_FAILS(UNWATCH(port, &object), ENOENT);
  CHECK_FAILS(TRY_WATCH(port, &object, FILE_MODIFIED, COOKIE(2)), ENOENT);
  CHECK_ONE_FILE(port, &object, FILE_DELETE, COOKIE(1));
  CHECK_FAILS(UNWATCH(port, &object), ENOENT);

  make_file("file");
  object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(3));
  CHECK_EMPTY(port);
  write_file("file");
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(3));

  /* An exception that has not been retrieved stays when the file object is associated anew. */
  object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(4));
  rename_file("file", "moved");
  make_file("file");
  object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(5));
  CHECK_QUEUED(port, 1);
  write_file("file");
  CHECK_QUEUED(port, 2);
  CHECK_NEXT_FILE(port, &object, FILE_RENAME_FROM, COOKIE(4));
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(5));
  CLOSE(port);
  leave_folder();
}
