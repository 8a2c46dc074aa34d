/* SPDX-License-Identifier: MIT */
#include "conformance/requests.h"

static void try_port(int bad, int file, int error) {
  char data[16];
  port_notify_t target;
  struct aiocb request = new_request(file, data, sizeof data);
  request.aio_sigevent = port_sigevent(&target, bad, COOKIE(1));
  errno = 0;
  if (aio_read(&request) != 0) {
    CHECK(errno == EINVAL || errno == error);
    outcome(errno_name(errno));
    return;
  }
  AWAIT_ENDED(&request);
  CHECK_ENDED(&request, sizeof data);
  outcome("silent");
}

ASSERTION(256, 3, "a request that names a bad port is refused, or done without an event") {
  int file = new_filled_file(100);
  try_port(-1, file, EBADF);
  try_port(closed_fd(), file, EBADF);
  try_port(file, file, EBADFD);
  CLOSE(file);
}
