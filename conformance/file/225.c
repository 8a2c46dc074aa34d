/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(225, 1, "events that cannot be asked for give EINVAL") {
  static const int wrong[] = {
      FILE_DELETE, FILE_RENAME_TO, FILE_RENAME_FROM, UNMOUNTED, MOUNTEDOVER, FILE_EXCEPTION,
      0x8,         0x100,          0x00200000,       INT_MIN,   -1};
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    CHECK_FAILS(TRY_WATCH(port, &object, wrong[i], COOKIE(225)), EINVAL);
    CHECK_FAILS(TRY_WATCH(port, &object, FILE_MODIFIED | wrong[i], COOKIE(225)), EINVAL);
  }
  write_file("file");
  CHECK_EMPTY(port);

  /* An association that was there stays as it was. */
  object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  CHECK_FAILS(TRY_WATCH(port, &object, FILE_DELETE, COOKIE(2)), EINVAL);
  write_file("file");
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(1));
  CLOSE(port);
  leave_folder();
}
