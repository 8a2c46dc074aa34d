/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(186, 1,
          "writing gives an event with source FILE, FILE_MODIFIED, the file object's address and "
          "user") {
  enter_folder();
  CHECK_SEQUENCE("at", 1);

  int port = new_port();
  make_file("file");
  file_obj_t object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, COOKIE(186));
  CHECK_EMPTY(port);
  write_file("file");
  CHECK_QUEUED(port, 1);
  port_event_t event = NEXT(port);
  CHECK_INT(event.portev_source, PORT_SOURCE_FILE);
  CHECK_INT(event.portev_events, FILE_MODIFIED);
  CHECK_PTR(event.portev_object, &object);
  CHECK_PTR(event.portev_user, COOKIE(186));
  CHECK_EMPTY(port);

  /* A descriptor that was open before, as well as one that is opened for the purpose. */
  int fd = SETUP(open("file", O_RDWR));
  object = object_of("file");
  WATCH(port, &object, FILE_MODIFIED, NULL);
  SETUP(pwrite(fd, "y", 1, 0) == 1 ? 0 : -1);
  CHECK_ONE_FILE(port, &object, FILE_MODIFIED, NULL);
  CLOSE(port, fd);
  leave_folder();
}
