/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(233, 1,
          "port_dissociate gives ENOENT for an unknown file object, the second time, and after "
          "retrieval") {
  enter_folder();
  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file"), unknown = object;
  WATCH(port, &object, FILE_MODIFIED, COOKIE(1));
  CHECK_FAILS(UNWATCH(port, &unknown), ENOENT);
  CHECK_FAILS(UNWATCH(port, unmapped_page()), ENOENT);
  CHECK_FAILS(UNWATCH(port, NULL), ENOENT);
  CHECK_OK(UNWATCH(port, &object));
  CHECK_FAILS(UNWATCH(port, &object), ENOENT);

  WATCH(port, &object, FILE_MODIFIED, COOKIE(2));
  write_file("file");
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, COOKIE(2));
  CHECK_FAILS(UNWATCH(port, &object), ENOENT);
  CHECK_FAILS(UNWATCH(port, &object), ENOENT);
  CLOSE(port);
  leave_folder();
}
