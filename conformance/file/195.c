/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

enum { kStamps = FILE_ACCESS | FILE_MODIFIED | FILE_ATTRIB };

/* Until a change would leave another ctime than the file has, by changing another file. */
static void let_clock_pass(const file_obj_t *object) {
  file_obj_t other;
  make_file("clock");
  do {
    set_mode("clock", 0600);
    other = object_of("clock");
  } while (other.fo_ctime.tv_sec == object->fo_ctime.tv_sec &&
           other.fo_ctime.tv_nsec == object->fo_ctime.tv_nsec);
  remove_file("clock");
}

static void check_times(int port, time_t atime, time_t mtime, int expected) {
  file_obj_t object = object_of("file");
  let_clock_pass(&object);
  WATCH(port, &object, kStamps, COOKIE(expected));
  set_times("file", atime, mtime);
  CHECK_ONE_FILE(port, &object, expected, COOKIE(expected));
}

ASSERTION(195, 1, "a change that means several of the requested bits gives one event with all") {
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED | FILE_ATTRIB, COOKIE(195));
  write_file("file");
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED | FILE_ATTRIB, COOKIE(195));

  check_times(port, UNCHANGED, 1000, FILE_MODIFIED | FILE_ATTRIB);
  check_times(port, 2000, UNCHANGED, FILE_ACCESS | FILE_ATTRIB);
  check_times(port, 3000, 4000, FILE_ACCESS | FILE_MODIFIED | FILE_ATTRIB);
  CLOSE(port);
  leave_folder();
}
