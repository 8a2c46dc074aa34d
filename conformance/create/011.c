/* SPDX-License-Identifier: MIT */
#include "conformance/conformance.h"

/* What Linux's own error for such a descriptor is, where the calls are the kernel's. */
static void check_refused(ssize_t result, bool *deviates) {
  int error = errno;
  CHECK_INT(result, -1);
  if (error == EINVAL)
    *deviates = true;
  else
    CHECK_INT(error, EBADF);
}

ASSERTION(11, 2, "read and write on a port fail with EBADF") {
  int port = new_port();
  char byte = 'x';
  bool deviates = false;
  check_refused(write(port, &byte, 1), &deviates);
  check_refused(read(port, &byte, 1), &deviates);
  SEND(port, 11, COOKIE(11));
  check_refused(read(port, &byte, 1), &deviates);
  if (deviates) deviation("read-write");
  CHECK_NEXT_USER(port, 11, COOKIE(11));
  CLOSE(port);
}
