/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>

#include "conformance/files.h"

ASSERTION(232, 1, "port_dissociate ends an association without looking at the file object") {
  enter_folder();
  CHECK_SEQUENCE("ad", 0);
  CHECK_SEQUENCE("adt", 0);

  int port = new_port();
  size_t size = (size_t)sysconf(_SC_PAGESIZE);
  file_obj_t *object = page_edge(size);
  make_file("file");
  *object = object_of("file");
  WATCH(port, object, FILE_MODIFIED | FILE_ATTRIB, COOKIE(232));
  SETUP(munmap(object, size));
  CHECK_OK(UNWATCH(port, object));
  write_file("file");
  remove_file("file");
  CHECK_EMPTY(port);
  CLOSE(port);
  leave_folder();
}
