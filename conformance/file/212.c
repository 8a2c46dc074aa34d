/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

static void check_first_counts(int port, bool look_between) {
  make_file("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(212));
  write_file("file");
  if (look_between) CHECK_QUEUED(port, 1);
  remove_file("file");
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(212));
}

ASSERTION(212, 2, "a file that is changed and then removed gives one event, FILE_MODIFIED") {
  enter_folder();
  int port = new_port();
  check_first_counts(port, true);
  check_first_counts(port, false);

  make_file("file");
  make_file("new");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_ATTRIB, COOKIE(1));
  set_mode("file", 0600);
  rename_file("new", "file");
  CHECK_ONE_FILE(port, &object, FILE_ATTRIB, COOKIE(1));
  CLOSE(port);
  leave_folder();
}
