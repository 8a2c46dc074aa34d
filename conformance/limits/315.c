/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"
#include "conformance/limited.h"

enum { kLimit = 4 };

ASSERTION(315, 1, "each association takes room, too, though its descriptor is idle") {
  int port = new_limited_port(kLimit);
  struct ends pipes[kLimit + 1];
  for (int i = 0; i <= kLimit; i++) pipes[i] = new_pipe();
  for (int i = 0; i < kLimit; i++) ASSOCIATE(port, pipes[i].r, POLLIN, COOKIE(i));
  CHECK_FAILS(port_associate(port, PORT_SOURCE_FD, (uintptr_t)pipes[kLimit].r, POLLIN, COOKIE(99)),
              EAGAIN);
  CHECK_FAILS(port_send(port, 315, COOKIE(315)), EAGAIN);
  put(pipes[kLimit].w); /* nothing of the refused ones has stayed */
  CHECK_EMPTY(port);

  CHECK_INT(DISSOCIATE(port, pipes[0].r), 0);
  SEND(port, 315, COOKIE(315));
  CHECK_FAILS(port_associate(port, PORT_SOURCE_FD, (uintptr_t)pipes[0].r, POLLIN, COOKIE(99)),
              EAGAIN);
  put(pipes[1].w); /* what was accepted still works */
  CHECK_NEXT_USER(port, 315, COOKIE(315));
  CHECK_NEXT_FD(port, pipes[1].r, POLLIN, COOKIE(1));
  for (int i = 0; i <= kLimit; i++) CLOSE(pipes[i].r, pipes[i].w);
  CLOSE(port);
}
