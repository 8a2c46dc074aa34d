/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

enum { kObjects = 4 };

ASSERTION(230, 1,
          "several file objects of one file are independent; their events come in the order of "
          "association") {
  static const int order[kObjects] = {2, 0, 3, 1}; /* not that of the addresses */
  file_obj_t object[kObjects];
  enter_folder();
  int port = new_port(), other = new_port();
  make_file("file");
  for (int i = 0; i < kObjects; i++) object[i] = object_of("file");
  for (int i = 0; i < kObjects; i++)
    WATCH(port, &object[order[i]], FILE_MODIFIED, COOKIE(order[i]));
  WATCH(other, &object[0], FILE_MODIFIED, COOKIE(10));
  write_file("file");
  CHECK_QUEUED(port, kObjects);
  for (int i = 0; i < kObjects; i++)
    CHECK_NEXT_FILE(port, &object[order[i]], FILE_MODIFIED, COOKIE(order[i]));
  CHECK_ONE_FILE(other, &object[0], FILE_MODIFIED, COOKIE(10));

  object[0] = object[1] = object_of("file");
  WATCH(port, &object[0], FILE_MODIFIED, COOKIE(11));
  WATCH(port, &object[1], FILE_ATTRIB, COOKIE(12));
  set_mode("file", 0600);
  CHECK_ONE_FILE(port, &object[1], FILE_ATTRIB, COOKIE(12));
  remove_file("file");
  CHECK_ONE_FILE(port, &object[0], FILE_DELETE, COOKIE(11));
  CLOSE(port, other);
  leave_folder();
}
