/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(219, 1, "removing a watched directory gives FILE_DELETE") {
  enter_folder();
  int port = new_port();
  make_dir("dir");
  file_obj_t object = object_of("dir");
  WATCH(port, &object, FILE_MODIFIED | FILE_ATTRIB, COOKIE(1));
  remove_dir("dir");
  CHECK_ONE_FILE(port, &object, FILE_DELETE, COOKIE(1));
  CHECK_FAILS(UNWATCH(port, &object), ENOENT);

  make_dir("dir");
  int fd = SETUP(open("dir", O_RDONLY));
  object = object_of("dir");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(2));
  remove_dir("dir");
  CHECK_ONE_FILE(port, &object, FILE_DELETE, COOKIE(2));
  CLOSE(port, fd);
  leave_folder();
}
