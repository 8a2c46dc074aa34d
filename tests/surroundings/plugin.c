/* SPDX-License-Identifier: MIT */
/* A library that is linked with libportc, for opener.c to open. */
#include <poll.h>

#include "tests/interpose/support.h"

extern int plugin_use(int port);

/* Works on a port, or on a new one; its own calls of close and dup are the wrappers' if it looks
   in its dependencies first. Returns the port. */
int plugin_use(int port) {
  static const struct timespec kLong = {10, 0};
  port_event_t event;
  int ends[2];
  if (port < 0) port = port_create();
  CHECK(port >= 0 && pipe(ends) == 0);
  CHECK(port_associate(port, PORT_SOURCE_FD, (uintptr_t)ends[0], POLLIN, NULL) == 0);
  write_byte(ends[1]);
  CHECK(port_get(port, &event, &kLong) == 0);
  CHECK(event.portev_source == PORT_SOURCE_FD && event.portev_object == (uintptr_t)ends[0]);
  CHECK(port_send(port, 1, NULL) == 0);
  struct pollfd item = {port, POLLIN, 0};
  CHECK(poll(&item, 1, 1000) == 1);
  CHECK(port_get(port, &event, &kLong) == 0 && event.portev_source == PORT_SOURCE_USER);
  const int copy = dup(port);
  CHECK(copy >= 0 && port_send(copy, 2, NULL) == 0);
  CHECK(close(copy) == 0);
  CHECK(port_get(port, &event, &kLong) == 0 && event.portev_events == 2);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  return port;
}
