/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(217, 2, "opening a file that exists with O_CREAT means nothing to its directory") {
  enter_folder();
  int port = new_port();
  make_dir("dir");
  make_file("dir/file");
  file_obj_t object = object_of("dir");
  WATCH(port, &object, FILE_MODIFIED | FILE_ATTRIB | FILE_TRUNC, COOKIE(217));
  SETUP(close(SETUP(open("dir/file", O_RDWR | O_CREAT, 0644))));
  SETUP(close(SETUP(creat("dir/file", 0644))));
  CHECK_EMPTY(port);

  /* What fails changes nothing. */
  CHECK_INT(open("dir/file", O_RDWR | O_CREAT | O_EXCL, 0644), -1);
  CHECK_INT(mkdir("dir/file", 0755), -1);
  CHECK_INT(unlink("dir/none"), -1);
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
