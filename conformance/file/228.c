/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

/* The file system of processes: its files change without anybody writing to them. */
ASSERTION(228, 3, "a file of a file system without file events gives ENOTSUP") {
  int port = new_port();
  file_obj_t object = object_without_stamps("/proc/self/status");
  if (TRY_WATCH(port, &object, FILE_MODIFIED, COOKIE(228)) == 0) {
    CHECK_OK(UNWATCH(port, &object));
    outcome("success");
  } else {
    CHECK_INT(errno, ENOTSUP);
    outcome("ENOTSUP");
  }
  CHECK_EMPTY(port);
  CLOSE(port);
}
