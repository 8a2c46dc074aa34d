/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(142, 2, "the object of a user event is 0") {
  int port = new_port();
  struct ends pipe = new_pipe();
  SEND(port, 1, COOKIE(1));
  CHECK_INT(NEXT(port).portev_object, 0);

  /* Also where a descriptor's event was before. */
  put(pipe.w);
  ASSOCIATE(port, pipe.r, POLLIN, COOKIE(2));
  NEXT(port);
  CHECK_FAILS(DISSOCIATE(port, pipe.r), ENOENT);
  SEND(port, 3, COOKIE(3));
  CHECK_INT(NEXT(port).portev_object, 0);

  CHECK_INT(port_sendn(&port, NULL, 1, 4, COOKIE(4)), 1);
  CHECK_INT(NEXT(port).portev_object, 0);
  CLOSE(port, pipe.r, pipe.w);
}
