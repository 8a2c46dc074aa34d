/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

static void remove_it(void) { remove_file("file"); }

static void rename_it(void) { rename_file("file", "moved"); }

static void overwrite_it(void) { rename_file("new", "file"); }

/* The file has a second name half of the time: then it is the name that goes, not the file. */
static void check_alone(int port, void (*operation)(void), int expected, bool linked) {
  make_file("file");
  make_file("new");
  if (linked) link_file("file", "second");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_ACCESS | FILE_MODIFIED | FILE_ATTRIB | FILE_TRUNC, COOKIE(expected));
  operation();
  CHECK_ONE_FILE(port, &object, expected, COOKIE(expected));
  static const char *const names[] = {"file", "new", "second", "moved"};
  for (int i = 0; i < 4; i++) unlink(names[i]);
  CHECK_EMPTY(port);
}

ASSERTION(210, 2, "exception events carry no other bits") {
  enter_folder();
  int port = new_port();
  for (int linked = 0; linked < 2; linked++) {
    check_alone(port, remove_it, FILE_DELETE, linked);
    check_alone(port, rename_it, FILE_RENAME_FROM, linked);
    check_alone(port, overwrite_it, FILE_RENAME_TO, linked);
  }
  CLOSE(port);
  leave_folder();
}
