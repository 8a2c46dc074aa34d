/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"
#include "conformance/limited.h"

ASSERTION(229, 1, "when all slots of a port are taken, a further file gives EAGAIN") {
  enter_folder();
  int port = new_limited_port(2);
  make_file("file");
  file_obj_t object[3] = {object_of("file"), object_of("file"), object_of("file")};
  WATCH(port, &object[0], FILE_MODIFIED, COOKIE(0));
  WATCH(port, &object[1], FILE_ATTRIB, COOKIE(1));
  CHECK_FAILS(TRY_WATCH(port, &object[2], FILE_MODIFIED, COOKIE(2)), EAGAIN);
  CHECK_FAILS(port_send(port, 1, NULL), EAGAIN);

  /* An event that was retrieved leaves the slot to its file object. */
  write_file("file");
  CHECK_NEXT_FILE(port, &object[0], FILE_MODIFIED, COOKIE(0));
  CHECK_FAILS(TRY_WATCH(port, &object[2], FILE_MODIFIED, COOKIE(2)), EAGAIN);
  object[0] = object_of("file");
  WATCH(port, &object[0], FILE_MODIFIED, COOKIE(3));
  CHECK_NEXT_FILE(port, &object[1], FILE_ATTRIB, COOKIE(1));

  CHECK_OK(UNWATCH(port, &object[0]));
  object[2] = object_of("file");
  WATCH(port, &object[2], FILE_MODIFIED, COOKIE(4));
  CHECK_FAILS(port_send(port, 1, NULL), EAGAIN);

  /* An exception gives it back when it is retrieved. */
  remove_file("file");
  CHECK_ONE_FILE(port, &object[2], FILE_DELETE, COOKIE(4));
  SEND(port, 2, COOKIE(5));
  CHECK_NEXT_USER(port, 2, COOKIE(5));
  CLOSE(port);
  leave_folder();
}
