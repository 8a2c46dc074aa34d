/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(45, 1, "an association for no events succeeds, and data gives no event") {
  int port = new_port();
  struct ends pipe = new_pipe();
  ASSOCIATE(port, pipe.r, 0, COOKIE(45));
  put(pipe.w);
  CHECK_EMPTY(port);
  CHECK_OK(DISSOCIATE(port, pipe.r)); /* it is still active */
  CLOSE(port, pipe.r, pipe.w);
}
