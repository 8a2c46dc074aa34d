/* SPDX-License-Identifier: MIT */
#include <grp.h>

#include "conformance/files.h"

enum { kNobody = 65534 };

/* Whoever may search everything has to become someone else; others already are. */
static void drop_privileges(void) {
  if (geteuid() != 0) return;
  SETUP(setgroups(0, NULL));
  SETUP(setgid(kNobody));
  SETUP(setuid(kNobody));
}

static void child_body(struct peer *parent, void *arg) {
  (void)parent, (void)arg;
  drop_privileges();
  int port = new_port();
  file_obj_t object = object_of("open/file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  CHECK_OK(UNWATCH(port, &object));
  object = object_without_stamps("closed/file");
  CHECK_FAILS(TRY_WATCH(port, &object, FILE_MODIFIED, COOKIE(2)), EACCES);
  object = object_without_stamps("closed/none");
  CHECK_FAILS(TRY_WATCH(port, &object, FILE_MODIFIED, COOKIE(3)), EACCES);

  /* The manual asks for permission to read the file as well; the source does not. */
  object = object_of("open/unreadable");
  if (TRY_WATCH(port, &object, FILE_MODIFIED, COOKIE(4)) == 0) {
    outcome("success");
  } else {
    CHECK_INT(errno, EACCES);
    outcome("EACCES");
  }
  CHECK_EMPTY(port);
  CLOSE(port);
}

ASSERTION(227, 2, "a directory on the way that may not be searched gives EACCES") {
  struct peer child;
  enter_folder();
  set_mode(".", 0755);
  make_dir("open");
  make_file("open/file");
  make_file("open/unreadable");
  set_mode("open/unreadable", 0);
  make_dir("closed");
  make_file("closed/file");
  set_mode("closed", 0);
  child_start(&child, child_body, NULL);
  child_join(&child);
  set_mode("closed", 0700);
  leave_folder();
}
