/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

/* arg: two numbers that were ports before exec. */
INNER(process_304) {
  port_event_t event;
  uint_t count = 1;
  for (int i = 0; i < 2; i++) {
    CHECK_FAILS(fcntl(arg[i], F_GETFD), EBADF);
    CHECK_FAILS(port_send(arg[i], 1, NULL), EBADF);
    CHECK_FAILS(port_get(arg[i], &event, AT_ONCE), EBADF);
    CHECK_FAILS(port_getn(arg[i], &event, 0, &count, AT_ONCE), EBADF);
    CHECK_FAILS(port_associate(arg[i], PORT_SOURCE_FD, (uintptr_t)parent->in, POLLIN, NULL), EBADF);
  }
}

static void child_body(struct peer *parent, void *arg) {
  int inherited = *(const int *)arg;
  int own = new_port();
  SEND(own, 1, NULL);
  SETUP(fcntl(own, F_SETFD, FD_CLOEXEC));
  exec_inner(parent, "process_304", 2, inherited, own);
}

ASSERTION(304, 1, "a port with FD_CLOEXEC is closed by exec: calls on its number fail with EBADF") {
  int port = new_port();
  struct peer child;
  SEND(port, 1, COOKIE(1));
  SETUP(fcntl(port, F_SETFD, FD_CLOEXEC));
  child_start(&child, child_body, &port);
  child_join(&child);
  CHECK_NEXT_USER(port, 1, COOKIE(1));
  CLOSE(port);
}
