/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(206, 1,
          "removing a watched name gives FILE_DELETE, though only FILE_MODIFIED was asked for") {
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  remove_file("file");
  CHECK_ONE_FILE(port, &object, FILE_DELETE, COOKIE(1));

  /* It is the name that counts: a file that is still open is removed, too, */
  make_file("file");
  int fd = SETUP(open("file", O_RDWR));
  object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(2));
  remove_file("file");
  CHECK_ONE_FILE(port, &object, FILE_DELETE, COOKIE(2));
  put(fd);
  CHECK_EMPTY(port);
  CLOSE(fd);
  CHECK_EMPTY(port);

  /* and a new file of that name is another. */
  make_file("file");
  object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(3));
  remove_file("file");
  make_file("file");
  CHECK_ONE_FILE(port, &object, FILE_DELETE, COOKIE(3));
  CLOSE(port);
  leave_folder();
}
