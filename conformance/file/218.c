/* SPDX-License-Identifier: MIT */
#include <dirent.h>

#include "conformance/files.h"

static void read_dir(const char *name) {
  DIR *dir = opendir(name);
  if (!dir) unresolved("the directory cannot be opened");
  while (readdir(dir)) continue;
  closedir(dir);
}

ASSERTION(218, 2, "reading a watched directory gives FILE_ACCESS") {
  enter_folder();
  int port = new_port();
  make_dir("dir");
  for (int i = 0; i < 3; i++) {
    file_obj_t object = object_of("dir");
    WATCH(port, &object, FILE_ACCESS | FILE_MODIFIED | FILE_ATTRIB, COOKIE(i));
    read_dir("dir");
    CHECK_ONE_FILE(port, &object, FILE_ACCESS, COOKIE(i));
  }
  CLOSE(port);
  leave_folder();
}
