/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(213, 2,
          "removing another name of a watched file gives FILE_ATTRIB if that was asked for") {
  enter_folder();
  int port = new_port();
  make_file("file");
  link_file("file", "second");
  link_file("file", "third");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED | FILE_ATTRIB, COOKIE(1));
  remove_file("second");
  CHECK_ONE_FILE(port, &object, FILE_ATTRIB, COOKIE(1));

  object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(2));
  remove_file("third");
  CHECK_EMPTY(port);
  remove_file("file");
  CHECK_ONE_FILE(port, &object, FILE_DELETE, COOKIE(2));
  CLOSE(port);
  leave_folder();
}
