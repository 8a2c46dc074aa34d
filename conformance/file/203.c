/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(203, 1, "port_dissociate after a change succeeds and removes the event") {
  enter_folder();
  CHECK_SEQUENCE("atd", 0);

  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  SEND(port, 1, COOKIE(2));
  write_file("file");
  SEND(port, 2, COOKIE(3));
  CHECK_QUEUED(port, 3);
  CHECK_OK(UNWATCH(port, &object));
  CHECK_NEXT_USER(port, 1, COOKIE(2));
  CHECK_NEXT_USER(port, 2, COOKIE(3));
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
