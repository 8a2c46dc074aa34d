/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(220, 2, "a rename from one directory to another gives FILE_MODIFIED for both") {
  enter_folder();
  int port = new_port();
  make_dir("from");
  make_dir("to");
  make_file("from/file");
  file_obj_t from = object_of("from"), to = object_of("to"), file = object_of("from/file");
  WATCH(port, &from, FILE_MODIFIED | FILE_ATTRIB, COOKIE(1));
  WATCH(port, &to, FILE_MODIFIED | FILE_ATTRIB, COOKIE(2));
  WATCH(port, &file, FILE_MODIFIED, COOKIE(3));
  rename_file("from/file", "to/file");
  CHECK_QUEUED(port, 3);
  bool seen[3] = {false, false, false}; /* in which order is not said */
  for (int i = 0; i < 3; i++) {
    port_event_t event = NEXT(port);
    if (event.portev_user == COOKIE(1)) {
      CHECK_FILE_EVENT(event, &from, FILE_MODIFIED | FILE_ATTRIB, COOKIE(1));
      seen[0] = true;
    } else if (event.portev_user == COOKIE(2)) {
      CHECK_FILE_EVENT(event, &to, FILE_MODIFIED | FILE_ATTRIB, COOKIE(2));
      seen[1] = true;
    } else {
      CHECK_FILE_EVENT(event, &file, FILE_RENAME_FROM, COOKIE(3));
      seen[2] = true;
    }
  }
  CHECK(seen[0] && seen[1] && seen[2]);
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
