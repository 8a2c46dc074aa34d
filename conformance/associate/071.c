/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

ASSERTION(71, 2, "user pointers come back unchanged, whatever they are") {
  void *const users[] = {NULL, (void *)1, (void *)(uintptr_t)-1, (void *)(UINTPTR_MAX / 2 + 1),
                         (void *)&users};
  int port = new_port();
  struct ends pipe = new_pipe();
  put(pipe.w);
  for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
    ASSOCIATE(port, pipe.r, POLLIN, users[i]);
    CHECK_NEXT_FD(port, pipe.r, POLLIN, users[i]);
  }
  CLOSE(port, pipe.r, pipe.w);
}
