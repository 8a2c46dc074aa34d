/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(187, 1, "a file object with an old mtime gives FILE_MODIFIED at once") {
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  write_file("file"); /* as when the file changes between stat and port_associate */
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(1));

  object = object_of("file");
  object.fo_mtime.tv_sec--;
  WATCH(port, &object, FILE_MODIFIED, COOKIE(2));
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(2));

  set_past("file");
  object = object_of("file");
  object.fo_mtime.tv_sec--;
  object.fo_mtime.tv_nsec = 999999999;
  WATCH(port, &object, FILE_MODIFIED, COOKIE(3));
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(3));

  /* That was the association's event: the file is not watched now. */
  write_file("file");
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
