/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(216, 2, "what happens to the content of a file means nothing to its directory") {
  enter_folder();
  int port = new_port();
  make_dir("dir");
  make_file("dir/file");
  file_obj_t object = object_of("dir");
  WATCH(port, &object, FILE_ACCESS | FILE_MODIFIED | FILE_ATTRIB | FILE_TRUNC, COOKIE(216));
  write_file("dir/file");
  read_file("dir/file");
  set_mode("dir/file", 0600);
  set_times("dir/file", 1000, 2000);
  SETUP(truncate("dir/file", 0));
  CHECK_EMPTY(port);
  remove_file("dir/file"); /* still watched */
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED | FILE_ATTRIB, COOKIE(216));
  CLOSE(port);
  leave_folder();
}
