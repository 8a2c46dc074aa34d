/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

static void check_lookup(int port, const char *name, int events, int expected) {
  file_obj_t object = object_without_stamps(name);
  CHECK_FAILS(TRY_WATCH(port, &object, events, COOKIE(223)), expected);
  CHECK_FAILS(UNWATCH(port, &object), ENOENT);
}

ASSERTION(223, 1, "a name that leads nowhere gives ENOENT, or what else its lookup gives") {
  static char name[PATH_MAX + 2];
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file"); /* so that the port knows a file object */
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  check_lookup(port, "none", FILE_MODIFIED, ENOENT);
  check_lookup(port, "none/file", FILE_MODIFIED, ENOENT);
  check_lookup(port, "", FILE_MODIFIED, ENOENT);
  check_lookup(port, "none", FILE_MODIFIED | FILE_NOFOLLOW, ENOENT);
  check_lookup(port, "file/file", FILE_MODIFIED, ENOTDIR);

  link_symbolic("none", "dangling");
  check_lookup(port, "dangling", FILE_MODIFIED, ENOENT);
  link_symbolic("loop", "loop");
  check_lookup(port, "loop", FILE_MODIFIED, ELOOP);

  memset(name, 'x', NAME_MAX + 1);
  check_lookup(port, name, FILE_MODIFIED, ENAMETOOLONG);
  for (size_t i = 0; i + 1 < sizeof name; i++) name[i] = i % 2 == 0 ? '.' : '/';
  check_lookup(port, name, FILE_MODIFIED, ENAMETOOLONG);
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
