/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

/* Sets the file's size; whether that gave FILE_MODIFIED, and nothing else. */
static bool reported(int port, off_t size) {
  SETUP(truncate("file", 100));
  set_past("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(198));
  SETUP(truncate("file", size));
  bool event = queued(port) != 0;
  if (event) CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(198));
  CHECK_INT(UNWATCH(port, &object), event ? -1 : 0);
  return event;
}

/* The manual says that every new mtime gives FILE_MODIFIED; the source leaves these out. */
ASSERTION(198, 2, "truncate and ftruncate give FILE_MODIFIED, or nothing without FILE_TRUNC") {
  enter_folder();
  int port = new_port();
  make_file("file");
  bool event = reported(port, 0);
  CHECK_INT(reported(port, 10), event);
  outcome(event ? "FILE_MODIFIED" : "none");

  /* Opening with O_TRUNC is no matter of opinion. */
  SETUP(truncate("file", 100));
  set_past("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  SETUP(close(SETUP(open("file", O_WRONLY | O_TRUNC))));
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(1));
  CLOSE(port);
  leave_folder();
}
