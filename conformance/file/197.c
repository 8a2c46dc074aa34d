/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

enum { kAll = FILE_MODIFIED | FILE_ATTRIB | FILE_TRUNC };

static void by_descriptor(void) {
  int fd = SETUP(open("file", O_WRONLY));
  SETUP(ftruncate(fd, 0));
  SETUP(close(fd));
}

static void by_name(void) { SETUP(truncate("file", 0)); }

static void by_open(void) { SETUP(close(SETUP(open("file", O_WRONLY | O_TRUNC)))); }

static void by_create(void) { SETUP(close(SETUP(creat("file", 0644)))); }

static void check_truncation(int port, void (*truncation)(void), int wanted) {
  SETUP(truncate("file", 100));
  set_past("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, wanted, COOKIE(197));
  truncation();
  CHECK_QUEUED(port, 1);
  port_event_t event = NEXT(port);
  CHECK_INT(event.portev_source, PORT_SOURCE_FILE);
  CHECK_PTR(event.portev_object, &object);
  CHECK_PTR(event.portev_user, COOKIE(197));
  CHECK_INT(event.portev_events & FILE_TRUNC, FILE_TRUNC);
  CHECK_INT(event.portev_events & ~wanted, 0);
  if (truncation == by_create) CHECK_INT(event.portev_events, wanted);
  CHECK_EMPTY(port);
}

ASSERTION(197, 1, "truncating to nothing gives FILE_TRUNC when that was asked for") {
  static void (*const truncations[])(void) = {by_descriptor, by_name, by_open, by_create};
  enter_folder();
  int port = new_port();
  make_file("file");
  for (int i = 0; i < 4; i++) {
    check_truncation(port, truncations[i], FILE_TRUNC);
    check_truncation(port, truncations[i], FILE_MODIFIED | FILE_TRUNC);
    check_truncation(port, truncations[i], kAll);
  }

  /* The first byte of an empty file is no truncation. */
  set_past("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, kAll, COOKIE(1));
  write_file("file");
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED | FILE_ATTRIB, COOKIE(1));
  CLOSE(port);
  leave_folder();
}
