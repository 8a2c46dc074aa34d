/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(141, 1, "port_send queues an event of source USER, with events and user as given") {
  int port = new_port();
  CHECK_OK(port_send(port, 0x55aa1234, COOKIE(141)));
  port_event_t event = NEXT(port);
  CHECK_INT(event.portev_source, PORT_SOURCE_USER);
  CHECK_INT(event.portev_events, 0x55aa1234);
  CHECK_PTR(event.portev_user, COOKIE(141));

  CHECK_OK(port_send(port, 1, NULL));
  event = NEXT(port);
  CHECK_INT(event.portev_source, PORT_SOURCE_USER);
  CHECK_INT(event.portev_events, 1);
  CHECK_PTR(event.portev_user, NULL);

  CHECK_OK(port_send(port, 2, (void *)UINTPTR_MAX));
  event = NEXT(port);
  CHECK_INT(event.portev_events, 2);
  CHECK_PTR(event.portev_user, (void *)UINTPTR_MAX);
  CHECK_EMPTY(port);
  CLOSE(port);
}
