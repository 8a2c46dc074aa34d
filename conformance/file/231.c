/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(231, 2,
          "once associated, neither the file object nor the current directory is looked at again") {
  char name[] = "dir/file";
  enter_folder();
  int port = new_port();
  make_dir("dir");
  make_file(name);
  file_obj_t object = object_of(name);
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  paint(&object, sizeof object);
  paint(name, sizeof name);
  CHECK_EMPTY(port);
  write_file("dir/file");
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(1));
  CHECK(is_painted(&object, sizeof object));

  object = object_of("dir/file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(2));
  paint(&object, sizeof object);
  SETUP(chdir("dir"));
  CHECK_EMPTY(port);
  remove_file("file");
  CHECK_ONE_FILE(port, &object, FILE_DELETE, COOKIE(2));
  CLOSE(port);
  leave_folder();
}
