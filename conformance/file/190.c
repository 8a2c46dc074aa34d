/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

static file_obj_t with_old_mtime_only(const char *name) {
  file_obj_t object = object_without_stamps(name);
  object.fo_mtime = object_of(name).fo_mtime;
  object.fo_mtime.tv_sec--;
  return object;
}

ASSERTION(190, 2, "only stamps that are not zero and whose event is asked for are compared") {
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = with_old_mtime_only("file");
  WATCH(port, &object, FILE_ATTRIB, COOKIE(1));
  CHECK_EMPTY(port);
  WATCH(port, &object, FILE_ACCESS | FILE_ATTRIB | FILE_TRUNC, COOKIE(2));
  CHECK_EMPTY(port);
  set_mode("file", 0600);
  CHECK_ONE_FILE(port, &object, FILE_ATTRIB, COOKIE(2));
  WATCH(port, &object, FILE_ACCESS | FILE_MODIFIED | FILE_ATTRIB, COOKIE(3));
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(3));

  /* What waits in a FIFO is nothing that a reader could have missed. */
  SETUP(mkfifo("fifo", 0600));
  object = with_old_mtime_only("fifo");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(4));
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
