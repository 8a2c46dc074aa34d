/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

static void change_mode(void) { set_mode("file", 0600); }

static void change_owner(void) { SETUP(chown("file", getuid(), getgid())); }

static void add_name(void) { link_file("file", "second"); }

ASSERTION(193, 1, "chmod, chown and link give FILE_ATTRIB alone") {
  static void (*const change[])(void) = {change_mode, change_owner, add_name};
  enter_folder();
  int port = new_port();
  make_file("file");
  for (int i = 0; i < 3; i++) {
    file_obj_t object = object_of("file");
    WATCH(port, &object, FILE_ACCESS | FILE_MODIFIED | FILE_ATTRIB | FILE_TRUNC, COOKIE(i));
    change[i]();
    CHECK_ONE_FILE(port, &object, FILE_ATTRIB, COOKIE(i));
  }
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_ACCESS | FILE_MODIFIED | FILE_TRUNC, COOKIE(193));
  set_mode("file", 0640);
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
