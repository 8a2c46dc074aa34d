/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(68, 2, "a regular file associated for POLLERR only never gives an event") {
  int port = new_port();
  int file = new_file();
  port_event_t event;
  ASSOCIATE(port, file, POLLERR, COOKIE(68));
  CHECK_EMPTY(port);
  CHECK_FAILS(port_get(port, &event, MS(100)), ETIME);
  CHECK_OK(DISSOCIATE(port, file));
  CLOSE(port, file);
}
