/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

static void do_mkdir(void) { make_dir("dir/below"); }

static void do_rmdir(void) { remove_dir("dir/below"); }

static void do_rename(void) { rename_file("dir/file", "dir/moved"); }

static void do_link(void) { link_file("dir/moved", "dir/second"); }

static void do_symlink(void) { link_symbolic("moved", "dir/third"); }

static void do_unlink(void) { remove_file("dir/moved"); }

ASSERTION(
    215, 1,
    "unlink, mkdir, rmdir, rename, link and symlink in a watched directory give FILE_MODIFIED") {
  static void (*const change[])(void) = {do_mkdir, do_rmdir,   do_rename,
                                         do_link,  do_symlink, do_unlink};
  enter_folder();
  int port = new_port();
  make_dir("dir");
  make_file("dir/file");
  for (int i = 0; i < 6; i++) {
    file_obj_t object = object_of("dir");
    WATCH(port, &object, FILE_MODIFIED | FILE_ATTRIB, COOKIE(i));
    change[i]();
    CHECK_ONE_FILE(port, &object, FILE_MODIFIED | FILE_ATTRIB, COOKIE(i));
  }
  CLOSE(port);
  leave_folder();
}
