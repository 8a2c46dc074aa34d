/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

static void check_creation(int port, int wanted, const char *name) {
  file_obj_t object = object_of("dir");
  WATCH(port, &object, wanted, COOKIE(214));
  CHECK_EMPTY(port);
  SETUP(close(SETUP(open(name, O_RDWR | O_CREAT, 0644))));
  CHECK_ONE_FILE(port, &object, wanted, COOKIE(214));
}

ASSERTION(
    214, 1,
    "creating a file in a watched directory gives FILE_MODIFIED, and FILE_ATTRIB if asked for") {
  enter_folder();
  int port = new_port();
  make_dir("dir");
  check_creation(port, FILE_MODIFIED, "dir/one");
  check_creation(port, FILE_MODIFIED | FILE_ATTRIB, "dir/two");
  check_creation(port, FILE_ATTRIB, "dir/three");
  /* A directory does not speak for the one below it. */
  make_dir("dir/below");
  file_obj_t object = object_of("dir");
  WATCH(port, &object, FILE_MODIFIED | FILE_ATTRIB, COOKIE(1));
  make_file("dir/below/file");
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
